import type { JsonObject } from "../shared/json.ts";
import { fromInputs, toInputs } from "../values/task-inputs.ts";
import type { CallContext } from "./call-context.ts";
import type { RunOptions, RunPlan, StartedRun, TaskDetails, TaskRef } from "./control-plane.ts";
import { createOnce, findEarlierRun, type SoughtRun } from "./create-once.ts";
import type { NewRun } from "./create-run.ts";
import { findTask } from "./find-task.ts";
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

/** A run whose task is found. */
export interface PreparedRun {
  readonly sought: SoughtRun & { readonly known: KnownTask };
  /** @throws FlyteError `invalid_input` naming every fault of the inputs */
  toRun(): NewRun;
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
  const prepared = prepareRun(session, cache, parts);
  const { sought, toRun } = prepared instanceof Promise ? await prepared : prepared;
  return createOnce(session, sought, toRun, parts.call);
}

/** What {@link startRun} would do. */
export async function planRun(
  session: Session,
  cache: TaskCache,
  parts: StartRunParts,
): Promise<RunPlan> {
  return toPlan(session, await prepareRun(session, cache, parts), parts.call);
}

/** A plan of a run that is prepared. */
export async function toPlan(
  session: Session,
  { sought, toRun }: PreparedRun,
  call: CallContext,
): Promise<RunPlan> {
  const { scope, known } = sought;
  const { project, domain, name: task, version } = known.id;
  const existing = await findEarlierRun(session, sought, call);
  const { inputs } = toRun();
  return {
    scope,
    task: { project, domain, name: task, version },
    inputs: inputs && fromInputs(inputs, toTaskInterface(known).interface),
    existing,
  };
}

function prepareRun(
  session: Session,
  cache: TaskCache,
  parts: StartRunParts,
): PreparedRun | Promise<PreparedRun> {
  const { name } = parts.options;
  if (name !== undefined) toIdentifier("run name", name);
  const known = findKnownTask(parts.task) ?? findTask(session, cache, parts.task, parts.call);
  return known instanceof Promise
    ? known.then((found) => toPrepared(session, found, parts))
    : toPrepared(session, known, parts);
}

function toPrepared(
  session: Session,
  known: KnownTask,
  { inputs, options }: StartRunParts,
): PreparedRun {
  const scope = toScope(session, options, known.id);
  return {
    sought: { scope, options, known },
    toRun: () => ({
      scope,
      task: toRunTask(known, options.overrides),
      inputs: toInputs(toTaskInterface(known), inputs),
      options,
    }),
  };
}

function toRunTask(known: KnownTask, overrides: RunOptions["overrides"]): NewRun["task"] {
  return overrides === undefined
    ? { case: "taskId", value: known.id }
    : { case: "taskSpec", value: overrideTask(known, overrides) };
}
