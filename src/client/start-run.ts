import type { MessageInitShape } from "@bufbuild/protobuf";
import { SelectClusterRequest_Operation } from "../idl/clusters.ts";
import { DataProxyService } from "../idl/data-proxy.ts";
import {
  CacheLookupScope,
  type OffloadedInputData,
  RunService,
  type RunSpecSchema,
} from "../idl/runs.ts";
import { FlyteError } from "../shared/errors.ts";
import type { JsonObject } from "../shared/json.ts";
import { toInputs } from "../values/task-inputs.ts";
import type { CallContext } from "./call-context.ts";
import type { RunOptions, RunStatus, Scope, TaskDetails, TaskRef } from "./control-plane.ts";
import { findTask } from "./find-task.ts";
import { readRunStatus } from "./read-run.ts";
import { type AskedRun, toRunStatus } from "./run-status.ts";
import { type Session, toIdentifier, toProjectId, toRunId, toScope } from "./session.ts";
import type { TaskCache } from "./task-cache.ts";
import { findKnownTask, type KnownTask } from "./task-details.ts";

export interface StartRunParts {
  readonly task: TaskRef | TaskDetails;
  readonly inputs: JsonObject;
  readonly options: RunOptions;
  readonly call: CallContext;
}

/**
 * Starts a run: finds the task, checks and uploads the inputs, creates the run. A run of a chosen
 * name that is already there is returned when it is of the same task: control planes would start
 * it again, or overwrite it, rather than refuse.
 */
export async function startRun(
  session: Session,
  cache: TaskCache,
  { task, inputs, options, call }: StartRunParts,
): Promise<RunStatus> {
  const { name } = options;
  if (name !== undefined) toIdentifier("run name", name);
  const known = findKnownTask(task) ?? (await findTask(session, cache, task, call));
  const spec = known.details.spec;
  const literals = toInputs(
    {
      ...(spec?.taskTemplate?.interface && { interface: spec.taskTemplate.interface }),
      defaultInputs: spec?.defaultInputs ?? [],
    },
    inputs,
  );
  const scope = toScope(session, options, known.id);
  if (name !== undefined) {
    const earlier = await findEarlier(session, { scope, name, known }, call);
    if (earlier !== undefined) return earlier;
  }
  const uploaded = await uploadInputs(session, { scope, known, literals }, call);
  return createRun(session, { scope, known, uploaded, options }, call);
}

interface UploadParts {
  readonly scope: Scope;
  readonly known: KnownTask;
  readonly literals: ReturnType<typeof toInputs>;
}

async function uploadInputs(
  session: Session,
  { scope, known, literals }: UploadParts,
  call: CallContext,
): Promise<OffloadedInputData> {
  const id = { case: "projectId" as const, value: toProjectId(session, scope) };
  const operation = SelectClusterRequest_Operation.UPLOAD_INPUTS;
  const channel = await session.clusters.route({ operation, resource: id }, call);
  // Repeatable: equal inputs end up at the same place.
  const { offloadedInputData } = await channel.unary(
    DataProxyService.method.uploadInputs,
    { id, task: { case: "taskId", value: known.id }, inputs: literals },
    call,
  );
  if (offloadedInputData !== undefined) return offloadedInputData;
  throw new FlyteError("internal", "The control plane did not say where it put the inputs.");
}

interface CreateParts {
  readonly scope: Scope;
  readonly known: KnownTask;
  readonly uploaded: OffloadedInputData;
  readonly options: RunOptions;
}

async function createRun(
  session: Session,
  { scope, known, uploaded, options }: CreateParts,
  call: CallContext,
): Promise<RunStatus> {
  const { name } = options;
  const asked = { ...scope, name: name ?? "", consoleUrl: session.options.consoleUrl };
  const id =
    name === undefined
      ? { case: "projectId" as const, value: toProjectId(session, scope) }
      : { case: "runId" as const, value: toRunId(session, scope, name) };
  try {
    const { run } = await session.channel.unary(
      RunService.method.createRun,
      {
        id,
        task: { case: "taskId", value: known.id },
        inputWrapper: { case: "offloadedInputData", value: uploaded },
        runSpec: toRunSpec(options),
      },
      call,
      name === undefined ? "once" : "repeatable",
    );
    if (name === undefined && !run?.action?.id?.run?.name) throw namelessRun();
    return toRunStatus(run?.action, asked);
  } catch (error) {
    if (name === undefined || !FlyteError.is(error) || error.code !== "conflict") throw error;
    // Someone was faster, or an earlier try of ours got through after all.
    const earlier = await findEarlier(session, { scope, name, known }, call);
    if (earlier === undefined) throw error;
    return earlier;
  }
}

interface EarlierParts {
  readonly scope: Scope;
  readonly name: string;
  readonly known: KnownTask;
}

async function findEarlier(
  session: Session,
  { scope, name, known }: EarlierParts,
  call: CallContext,
): Promise<RunStatus | undefined> {
  const asked: AskedRun = { ...scope, name, consoleUrl: session.options.consoleUrl };
  let status: RunStatus;
  try {
    status = await readRunStatus(session, asked, call);
  } catch (error) {
    if (FlyteError.is(error) && error.code === "not_found") return undefined;
    throw error;
  }
  const { task } = status;
  const { id } = known;
  // The version may differ: "latest" can have moved on between two tries.
  const isSame = task?.name === id.name && task.project === id.project && task.domain === id.domain;
  if (isSame) return status;
  throw new FlyteError(
    "conflict",
    `A run with the name '${name}' already exists and is of another task. Choose a different name.`,
  );
}

function toRunSpec(options: RunOptions): MessageInitShape<typeof RunSpecSchema> {
  const envs = Object.entries(options.env ?? {}).map(([key, value]) => ({ key, value }));
  return {
    labels: { values: { ...options.labels } },
    annotations: { values: { ...options.annotations } },
    envs: { values: envs },
    ...(options.rawDataPrefix !== undefined && {
      rawDataStorage: { rawDataPrefix: options.rawDataPrefix },
    }),
    cacheConfig: { overwriteCache: false, cacheLookupScope: CacheLookupScope.GLOBAL },
  };
}

function namelessRun(): FlyteError {
  return new FlyteError("internal", "The control plane started a run but did not tell its name.");
}
