import type { RunDetails } from "../idl/runs.ts";
import { FlyteError } from "../shared/errors.ts";
import type { JsonObject } from "../shared/json.ts";
import { fromInputs, toInputs } from "../values/task-inputs.ts";
import type { CallContext } from "./call-context.ts";
import type {
  RunOptions,
  RunPlan,
  RunStatus,
  Scope,
  StartedRun,
  TaskDetails,
  TaskRef,
} from "./control-plane.ts";
import { createRun, fingerprintLabel, type NewRun } from "./create-run.ts";
import { findTask } from "./find-task.ts";
import { readRunDetails } from "./read-run.ts";
import { type AskedRun, toRunStatus } from "./run-status.ts";
import { type Session, toIdentifier, toScope } from "./session.ts";
import type { TaskCache } from "./task-cache.ts";
import { findKnownTask, type KnownTask, toTaskInterface } from "./task-details.ts";
import { overrideTask } from "./task-overrides.ts";

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
  parts: StartRunParts,
): Promise<StartedRun> {
  const { run, known } = await prepareRun(session, cache, parts);
  return createOnce(session, run, known, parts.call);
}

/** What {@link startRun} would do. */
export async function planRun(
  session: Session,
  cache: TaskCache,
  parts: StartRunParts,
): Promise<RunPlan> {
  const { run, known } = await prepareRun(session, cache, parts);
  return toPlan(session, run, known, parts.call);
}

/** A plan of a run that is prepared. */
export async function toPlan(
  session: Session,
  { scope, inputs, options }: NewRun,
  known: KnownTask,
  call: CallContext,
): Promise<RunPlan> {
  const { name, fingerprint } = options;
  const { project, domain, name: task, version } = known.id;
  return {
    scope,
    task: { project, domain, name: task, version },
    inputs: inputs && fromInputs(inputs, toTaskInterface(known).interface),
    existing:
      name === undefined
        ? undefined
        : await findEarlier(session, { scope, name, known, fingerprint }, call),
  };
}

async function prepareRun(
  session: Session,
  cache: TaskCache,
  { task, inputs, options, call }: StartRunParts,
): Promise<{ readonly run: NewRun; readonly known: KnownTask }> {
  const { name } = options;
  if (name !== undefined) toIdentifier("run name", name);
  const known = findKnownTask(task) ?? (await findTask(session, cache, task, call));
  const run = {
    scope: toScope(session, options, known.id),
    task: toRunTask(known, options.overrides),
    inputs: toInputs(toTaskInterface(known), inputs),
    options,
  };
  return { run, known };
}

/**
 * Creates a run of a task. One of the name in its options that is already there is returned instead.
 *
 * @throws FlyteError `conflict` when that is of another task
 */
export async function createOnce(
  session: Session,
  run: NewRun,
  known: KnownTask,
  call: CallContext,
): Promise<StartedRun> {
  const { name, fingerprint } = run.options;
  if (name === undefined) return { ...(await createRun(session, run, call)), existed: false };
  const sought = { scope: run.scope, name, known, fingerprint };
  const earlier = await findEarlier(session, sought, call);
  if (earlier !== undefined) return { ...earlier, existed: true };
  try {
    return { ...(await createRun(session, run, call)), existed: false };
  } catch (error) {
    if (!FlyteError.is(error) || error.code !== "conflict") throw error;
    // Someone was faster, or an earlier try of ours got through after all.
    const faster = await findEarlier(session, sought, call);
    if (faster === undefined) throw error;
    return { ...faster, existed: true };
  }
}

function toRunTask(known: KnownTask, overrides: RunOptions["overrides"]): NewRun["task"] {
  return overrides === undefined
    ? { case: "taskId", value: known.id }
    : { case: "taskSpec", value: overrideTask(known, overrides) };
}

interface EarlierParts {
  readonly scope: Scope;
  readonly name: string;
  readonly known: KnownTask;
  readonly fingerprint: string | undefined;
}

async function findEarlier(
  session: Session,
  { scope, name, known, fingerprint }: EarlierParts,
  call: CallContext,
): Promise<RunStatus | undefined> {
  const asked: AskedRun = { ...scope, name, consoleUrl: session.options.consoleUrl };
  let details: RunDetails | undefined;
  try {
    details = await readRunDetails(session, asked, call);
  } catch (error) {
    if (FlyteError.is(error) && error.code === "not_found") return undefined;
    throw error;
  }
  const status = toRunStatus(details?.action, asked);
  const { task } = status;
  const { id } = known;
  // The version may differ: "latest" can have moved on between two tries.
  const isSame = task?.name === id.name && task.project === id.project && task.domain === id.domain;
  const kept = details?.runSpec?.labels?.values[fingerprintLabel];
  if (isSame && (fingerprint === undefined || kept === fingerprint)) return status;
  if (isSame) {
    throw new FlyteError(
      "payload_mismatch",
      `The run '${name}' was started with another payload. Repeat the same one, or choose another name or key.`,
    );
  }
  throw new FlyteError(
    "conflict",
    `A run with the name '${name}' already exists and is of another task. Choose a different name.`,
  );
}
