import { clone, create, type MessageInitShape } from "@bufbuild/protobuf";
import { SelectClusterRequest_Operation } from "../idl/clusters.ts";
import { DataProxyService } from "../idl/data-proxy.ts";
import {
  AnnotationsSchema,
  CacheConfigSchema,
  CacheLookupScope,
  EnvsSchema,
  LabelsSchema,
  type OffloadedInputData,
  RawDataStorageSchema,
  RunService,
  RunSource,
  type RunSpec,
  RunSpecSchema,
} from "../idl/runs.ts";
import type { Inputs, TaskIdentifier, TaskSpec } from "../idl/tasks.ts";
import { TriggerNameSchema } from "../idl/triggers.ts";
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
  /** The trigger that starts it, where one does: a version of its task is `task`. */
  readonly trigger?: RunTrigger;
  /** Undefined leaves them to the trigger. */
  readonly inputs: Inputs | undefined;
  readonly options: RunOptions;
  /** @default results of every project and domain are used, none is overwritten */
  readonly cache?: RunCache;
  /** What the options are laid over. @default nothing */
  readonly base?: RunSpec;
}

/** A trigger that starts a run. */
export interface RunTrigger {
  readonly name: MessageInitShape<typeof TriggerNameSchema>;
  /** What it says of its runs. */
  readonly runSpec: RunSpec | undefined;
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
 * start it again instead do not tell. `outcomeUnknown` where the run was asked for and no answer came
 */
export async function createRun(
  session: Session,
  run: NewRun,
  call: CallContext,
): Promise<RunStatus> {
  const { scope, trigger, inputs, options } = run;
  const uploaded = inputs && (await uploadInputs(session, { ...run, inputs }, call));
  const task =
    trigger === undefined
      ? run.task
      : { case: "triggerName" as const, value: create(TriggerNameSchema, trigger.name) };
  const { name } = options;
  const id =
    name === undefined
      ? { case: "projectId" as const, value: toProjectId(session, scope) }
      : { case: "runId" as const, value: toRunId(session, scope, name) };
  const request = {
    id,
    task,
    ...(uploaded && { inputWrapper: { case: "offloadedInputData" as const, value: uploaded } }),
    runSpec: toRunSpec(run),
    ...(options.source !== undefined && { source: sources[options.source] }),
  };
  const repeat = name === undefined ? "once" : "repeatable";
  const outcome = { isUnknown: false };
  try {
    const { createRun: method } = RunService.method;
    const { run: created } = await session.channel.unary(method, request, call, repeat, outcome);
    outcome.isUnknown = true; // until it can be read
    const action = created?.action;
    if (name === undefined && !action?.id?.run?.name) throw namelessRun();
    const { consoleUrl } = session.options;
    return toRunStatus(action, { ...scope, name: name ?? "", consoleUrl });
  } catch (error) {
    throw outcome.isUnknown && FlyteError.is(error) ? withUnknownOutcome(error) : error;
  }
}

const sources = { cli: RunSource.CLI, web: RunSource.WEB } as const;

function withUnknownOutcome({ code, message, cause, retryAfterMs }: FlyteError): FlyteError {
  return new FlyteError(code, message, {
    cause,
    outcomeUnknown: true,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

async function uploadInputs(
  session: Session,
  { scope, task, inputs }: NewRun & { readonly inputs: Inputs },
  call: CallContext,
): Promise<OffloadedInputData> {
  const id = { case: "projectId" as const, value: toProjectId(session, scope) };
  const operation = SelectClusterRequest_Operation.UPLOAD_INPUTS;
  const routed = session.clusters.route({ operation, resource: id }, call);
  const channel = routed instanceof Promise ? await routed : routed;
  // Repeatable: equal inputs end up at the same place.
  const { offloadedInputData } = await channel.unary(
    DataProxyService.method.uploadInputs,
    { id, task, inputs },
    call,
  );
  if (offloadedInputData !== undefined) return offloadedInputData;
  throw new FlyteError("internal", "The control plane did not say where it put the inputs.");
}

function toRunSpec(run: NewRun): MessageInitShape<typeof RunSpecSchema> {
  const { trigger, base, options, cache } = run;
  if (trigger !== undefined) return withOptions(trigger.runSpec, options);
  if (base !== undefined) return withOptions(base, options);
  const envs = Object.entries(options.env ?? {}).map(([key, value]) => ({ key, value }));
  const { overwrite, lookupScope } = cache ?? {
    overwrite: options.overwriteCache ?? false,
    lookupScope: CacheLookupScope.GLOBAL,
  };
  return {
    labels: { values: labelsOf(options) },
    annotations: { values: { ...options.annotations } },
    envs: { values: envs },
    ...(options.rawDataPrefix !== undefined && {
      rawDataStorage: { rawDataPrefix: options.rawDataPrefix },
    }),
    overwriteCache: overwrite,
    cacheConfig: { overwriteCache: overwrite, cacheLookupScope: lookupScope },
    ...(options.interruptible !== undefined && { interruptible: options.interruptible }),
    ...(options.queue !== undefined && { cluster: options.queue }),
  };
}

/** The label that {@link RunOptions.fingerprint} is kept in. */
export const fingerprintLabel = "flyte-webhook/fingerprint";

function labelsOf({ labels, fingerprint }: RunOptions): Record<string, string> {
  return { ...labels, ...(fingerprint !== undefined && { [fingerprintLabel]: fingerprint }) };
}

/** What a trigger says of its runs, or what an earlier run said, with the options laid over it. */
function withOptions(given: RunSpec | undefined, options: RunOptions): RunSpec {
  const spec = given === undefined ? create(RunSpecSchema) : clone(RunSpecSchema, given);
  const { annotations = {}, env = {}, rawDataPrefix, interruptible, queue } = options;
  const labels = { ...spec.labels?.values, ...labelsOf(options) };
  spec.labels = create(LabelsSchema, { values: labels });
  const { values: kept = {} } = spec.annotations ?? {};
  spec.annotations = create(AnnotationsSchema, { values: { ...kept, ...annotations } });
  const envs = (spec.envs?.values ?? []).filter(({ key }) => !Object.hasOwn(env, key));
  const added = Object.entries(env).map(([key, value]) => ({ key, value }));
  spec.envs = create(EnvsSchema, { values: [...envs, ...added] });
  if (rawDataPrefix !== undefined) {
    spec.rawDataStorage = create(RawDataStorageSchema, { rawDataPrefix });
  }
  if (interruptible !== undefined) spec.interruptible = interruptible;
  if (queue !== undefined) spec.cluster = queue;
  if (options.overwriteCache !== undefined) {
    spec.overwriteCache = options.overwriteCache;
    spec.cacheConfig = create(CacheConfigSchema, {
      ...spec.cacheConfig,
      overwriteCache: options.overwriteCache,
    });
  }
  return spec;
}

function namelessRun(): FlyteError {
  return new FlyteError("internal", "The control plane started a run but did not tell its name.");
}
