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
 * Creates the run that was prepared. A run of a chosen name that is already there is returned when it is of the same
 * task: control planes would start it again, or overwrite it, rather than refuse.
 */
export function startPrepared(
  session: Session,
  { sought, toRun }: PreparedRun,
  call: CallContext,
): Promise<StartedRun> {
  return createOnce(session, sought, toRun, call);
}

/** What {@link startPrepared} would do. */
export async function planPrepared(
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

/** Finds the task of a run to be; at once where it is known. */
export function prepareRun(
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
