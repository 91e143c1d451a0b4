import { create } from "@bufbuild/protobuf";
import { type Inputs, InputsSchema } from "../idl/tasks.ts";
import type { TriggerDetails, TriggerSpec } from "../idl/triggers.ts";
import { FlyteError } from "../shared/errors.ts";
import type { JsonObject } from "../shared/json.ts";
import { toDefaults } from "../values/default-inputs.ts";
import { toInputs } from "../values/task-inputs.ts";
import { readOffloadedInputs } from "../values/trigger-inputs.ts";
import type { CallContext } from "./call-context.ts";
import { findTask } from "./find-task.ts";
import { readTrigger, toTriggerName } from "./read-trigger.ts";
import { type Session, toIdentifier, toScope } from "./session.ts";
import type { PreparedRun } from "./start-run.ts";
import type { TaskCache } from "./task-cache.ts";
import { type KnownTask, toTaskInterface } from "./task-details.ts";
import type { FireOptions } from "./trigger-calls.ts";
import { type AskedTrigger, scheduleOf, toTriggerSpec } from "./trigger-status.ts";

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
  return {
    sought: { scope, options, known },
    toRun: () => ({
      scope,
      task: { case: "taskId", value: known.id },
      trigger: { name: toTriggerName(session, asked), runSpec: spec.runSpec },
      inputs: toFireInputs({ details, spec, known }, inputs, asked),
      options,
    }),
  };
}

interface FoundTrigger {
  readonly details: TriggerDetails | undefined;
  readonly spec: TriggerSpec;
  readonly known: KnownTask;
}

/** The inputs of the run; undefined where the control plane has to take them from the trigger. */
function toFireInputs(
  { details, spec, known }: FoundTrigger,
  given: JsonObject,
  asked: AskedTrigger,
): Inputs | undefined {
  const timeInput = scheduleOf(details)?.kickoffTimeInputArg ?? "";
  const taken = toTaskInterface(known);
  if (readOffloadedInputs(spec) !== undefined) {
    if (timeInput === "" && Object.keys(given).length === 0) return undefined;
    const names = (taken.interface?.inputs?.variables ?? []).map(({ key }) => key);
    const missing = names.filter((name) => name !== timeInput && !Object.hasOwn(given, name));
    if (missing.length > 0) throw keptInputs(asked, missing);
  }
  const own = toDefaults(spec.inputs);
  const time = timeInput === "" ? {} : { [timeInput]: new Date().toISOString() };
  const { literals } = toInputs(
    // The trigger's own come last, which win.
    { ...taken, defaultInputs: [...taken.defaultInputs, ...own] },
    { ...time, ...given },
  );
  return create(InputsSchema, { literals, context: spec.inputs?.context ?? [] });
}

function keptInputs({ name, task }: AskedTrigger, missing: readonly string[]): FlyteError {
  return new FlyteError(
    "precondition_failed",
    `The control plane keeps the inputs of trigger ${name} of task ${task} to itself, so that they ` +
      `cannot be completed here. Give a value for each input; missing are ${missing.join(", ")}.`,
  );
}
