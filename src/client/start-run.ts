import { FlyteError } from "../shared/errors.ts";
import type { JsonObject } from "../shared/json.ts";
import { toInputs } from "../values/task-inputs.ts";
import type { CallContext } from "./call-context.ts";
import type { RunOptions, RunStatus, Scope, TaskDetails, TaskRef } from "./control-plane.ts";
import { createRun, type NewRun } from "./create-run.ts";
import { findTask } from "./find-task.ts";
import { readRunStatus } from "./read-run.ts";
import type { AskedRun } from "./run-status.ts";
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
  { task, inputs, options, call }: StartRunParts,
): Promise<RunStatus> {
  const { name } = options;
  if (name !== undefined) toIdentifier("run name", name);
  const known = findKnownTask(task) ?? (await findTask(session, cache, task, call));
  const run = {
    scope: toScope(session, options, known.id),
    task: toRunTask(known, options.overrides),
    inputs: toInputs(toTaskInterface(known), inputs),
    options,
  };
  return createOnce(session, run, known, call);
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
): Promise<RunStatus> {
  const { name } = run.options;
  if (name === undefined) return createRun(session, run, call);
  const sought = { scope: run.scope, name, known };
  const earlier = await findEarlier(session, sought, call);
  if (earlier !== undefined) return earlier;
  try {
    return await createRun(session, run, call);
  } catch (error) {
    if (!FlyteError.is(error) || error.code !== "conflict") throw error;
    // Someone was faster, or an earlier try of ours got through after all.
    const faster = await findEarlier(session, sought, call);
    if (faster === undefined) throw error;
    return faster;
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
