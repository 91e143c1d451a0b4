import type { MessageInitShape } from "@bufbuild/protobuf";
import { SelectClusterRequest_Operation } from "../idl/clusters.ts";
import { DataProxyService } from "../idl/data-proxy.ts";
import {
  CacheLookupScope,
  type OffloadedInputData,
  RunService,
  type RunSpecSchema,
} from "../idl/runs.ts";
import type { Inputs, TaskIdentifier, TaskSpec } from "../idl/tasks.ts";
import { FlyteError } from "../shared/errors.ts";
import type { CallContext } from "./call-context.ts";
import type { RunOptions, RunStatus, Scope } from "./control-plane.ts";
import { toRunStatus } from "./run-status.ts";
import { type Session, toProjectId, toRunId } from "./session.ts";

/** A run to be. */
export interface NewRun {
  /** Where the run lives. */
  readonly scope: Scope;
  /** A deployed task by its identifier, or what is run by its specification. */
  readonly task:
    | { readonly case: "taskId"; readonly value: TaskIdentifier }
    | { readonly case: "taskSpec"; readonly value: TaskSpec };
  readonly inputs: Inputs;
  readonly options: RunOptions;
  /** @default results of every project and domain are used, none is overwritten */
  readonly cache?: RunCache;
}

/** What a run does with results of earlier runs. */
export interface RunCache {
  readonly overwrite: boolean;
  readonly lookupScope: CacheLookupScope;
}

/**
 * Uploads the inputs and creates the run.
 *
 * @throws FlyteError `conflict` when the options name a run that is there; control planes that
 * start it again instead do not tell
 */
export async function createRun(
  session: Session,
  run: NewRun,
  call: CallContext,
): Promise<RunStatus> {
  const uploaded = await uploadInputs(session, run, call);
  const { scope, task, options } = run;
  const { name } = options;
  const id =
    name === undefined
      ? { case: "projectId" as const, value: toProjectId(session, scope) }
      : { case: "runId" as const, value: toRunId(session, scope, name) };
  const answer = await session.channel.unary(
    RunService.method.createRun,
    {
      id,
      task,
      inputWrapper: { case: "offloadedInputData", value: uploaded },
      runSpec: toRunSpec(run),
    },
    call,
    name === undefined ? "once" : "repeatable",
  );
  const action = answer.run?.action;
  if (name === undefined && !action?.id?.run?.name) throw namelessRun();
  const { consoleUrl } = session.options;
  return toRunStatus(action, { ...scope, name: name ?? "", consoleUrl });
}

async function uploadInputs(
  session: Session,
  { scope, task, inputs }: NewRun,
  call: CallContext,
): Promise<OffloadedInputData> {
  const id = { case: "projectId" as const, value: toProjectId(session, scope) };
  const operation = SelectClusterRequest_Operation.UPLOAD_INPUTS;
  const channel = await session.clusters.route({ operation, resource: id }, call);
  // Repeatable: equal inputs end up at the same place.
  const { offloadedInputData } = await channel.unary(
    DataProxyService.method.uploadInputs,
    { id, task, inputs },
    call,
  );
  if (offloadedInputData !== undefined) return offloadedInputData;
  throw new FlyteError("internal", "The control plane did not say where it put the inputs.");
}

function toRunSpec({ options, cache }: NewRun): MessageInitShape<typeof RunSpecSchema> {
  const envs = Object.entries(options.env ?? {}).map(([key, value]) => ({ key, value }));
  const { overwrite, lookupScope } = cache ?? {
    overwrite: false,
    lookupScope: CacheLookupScope.GLOBAL,
  };
  return {
    labels: { values: { ...options.labels } },
    annotations: { values: { ...options.annotations } },
    envs: { values: envs },
    ...(options.rawDataPrefix !== undefined && {
      rawDataStorage: { rawDataPrefix: options.rawDataPrefix },
    }),
    overwriteCache: overwrite,
    cacheConfig: { overwriteCache: overwrite, cacheLookupScope: lookupScope },
  };
}

function namelessRun(): FlyteError {
  return new FlyteError("internal", "The control plane started a run but did not tell its name.");
}
