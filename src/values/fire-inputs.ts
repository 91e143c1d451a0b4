import { create } from "@bufbuild/protobuf";
import { type Inputs, InputsSchema } from "../idl/tasks.ts";
import type { TriggerSpec } from "../idl/triggers.ts";
import { FlyteError } from "../shared/errors.ts";
import type { JsonObject } from "../shared/json.ts";
import { toDefaults } from "./default-inputs.ts";
import { type TaskInterface, toInputs } from "./task-inputs.ts";
import { readOffloadedInputs } from "./trigger-inputs.ts";

/** A trigger that is fired on demand. */
export interface FiredTrigger {
  readonly task: string;
  readonly name: string;
  readonly spec: TriggerSpec;
  /** The input that gets the time of the fire; empty for none. */
  readonly timeInput: string;
  /** The interface of the version of the task that it starts. */
  readonly taken: TaskInterface;
}

/**
 * The inputs of a run of a trigger that is fired on demand: those given, over the trigger's own, over the task's
 * defaults, with the present for the time of the fire. Undefined where the control plane has to take them from the trigger.
 *
 * @throws FlyteError `invalid_input` naming every fault; `precondition_failed` where the control plane keeps the
 * trigger's inputs to itself and some, but not all, are given
 */
export function toFireInputs(trigger: FiredTrigger, given: JsonObject): Inputs | undefined {
  const { spec, timeInput, taken } = trigger;
  if (readOffloadedInputs(spec) !== undefined) {
    if (timeInput === "" && Object.keys(given).length === 0) return undefined;
    const names = (taken.interface?.inputs?.variables ?? []).map(({ key }) => key);
    const missing = names.filter((name) => name !== timeInput && !Object.hasOwn(given, name));
    if (missing.length > 0) throw keptInputs(trigger, missing);
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

function keptInputs({ name, task }: FiredTrigger, missing: readonly string[]): FlyteError {
  return new FlyteError(
    "precondition_failed",
    `The control plane keeps the inputs of trigger ${name} of task ${task} to itself, so that they ` +
      `cannot be completed here. Give a value for each input; missing are ${missing.join(", ")}.`,
  );
}
