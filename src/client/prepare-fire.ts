import type { JsonObject } from "../shared/json.ts";
import { toFireInputs } from "../values/fire-inputs.ts";
import { scheduleOf } from "../values/schedule-of.ts";
import type { CallContext } from "./call-context.ts";
import { findTask } from "./find-task.ts";
import { readTrigger, toTriggerName } from "./read-trigger.ts";
import { type Session, toIdentifier, toScope } from "./session.ts";
import type { PreparedRun } from "./start-run.ts";
import type { TaskCache } from "./task-cache.ts";
import { toTaskInterface } from "./task-details.ts";
import type { FireOptions } from "./trigger-calls.ts";
import { type AskedTrigger, toTriggerSpec } from "./trigger-status.ts";

export interface FireTriggerParts {
  readonly asked: AskedTrigger;
  /** What is laid over the trigger's own inputs. */
  readonly inputs: JsonObject;
  readonly options: FireOptions;
  readonly call: CallContext;
}

/** A run of a trigger, as `TriggerCalls.fire` tells. */
export async function prepareFire(
  session: Session,
  cache: TaskCache,
  { asked, inputs, options, call }: FireTriggerParts,
): Promise<PreparedRun> {
  if (options.name !== undefined) toIdentifier("run name", options.name);
  const details = await readTrigger(session, asked, call);
  const spec = toTriggerSpec(details, asked);
  const scope = toScope(session, asked);
  const ref = { ...scope, name: asked.task, version: spec.taskVersion };
  const known = await findTask(session, cache, ref, call);
  const timeInput = scheduleOf(details)?.kickoffTimeInputArg ?? "";
  const { task, name } = asked;
  const fired = { task, name, spec, timeInput, taken: toTaskInterface(known) };
  return {
    sought: { scope, options, known },
    toRun: () => ({
      scope,
      task: { case: "taskId", value: known.id },
      trigger: { name: toTriggerName(session, asked), runSpec: spec.runSpec },
      inputs: toFireInputs(fired, inputs),
      options,
    }),
  };
}
