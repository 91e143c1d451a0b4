import { create } from "@bufbuild/protobuf";
import type { Literal, LiteralType } from "../../../../src/idl/literals.ts";
import { InputsSchema } from "../../../../src/idl/tasks.ts";
import type { TriggerSpec } from "../../../../src/idl/triggers.ts";
import { FlyteError } from "../../../../src/shared/errors.ts";
import type { JsonObject, JsonValue } from "../../../../src/shared/json.ts";
import { fromInputs, type TaskInterface } from "../../../../src/values/task-inputs.ts";
import { readOffloadedInputs } from "../../../../src/values/trigger-inputs.ts";

/** An input of the task, and what a fire of the trigger gives it. */
export interface InputRow {
  readonly name: string;
  readonly type: LiteralType | undefined;
  readonly description: string;
  /** Where its value comes from. `kept`: the control plane does not tell the trigger's own inputs. */
  readonly from: "trigger" | "task" | "time" | "kept" | "nothing";
  /** Undefined without a value, or with one that has no JSON form, which `fault` then says. */
  readonly value: JsonValue | undefined;
  readonly fault?: string;
}

export interface InputRowsOf {
  readonly spec: TriggerSpec | undefined;
  /** The input that gets the time of the fire; empty for none. */
  readonly timeInput: string;
  readonly taken: TaskInterface;
}

/** All inputs of the task, in its order. */
export function toInputRows({ spec, timeInput, taken }: InputRowsOf): readonly InputRow[] {
  const own = new Map(spec?.inputs?.literals.map(({ name, value }) => [name, value]));
  const defaults = new Map(
    taken.defaultInputs.map(({ name, parameter }) => [
      name,
      parameter?.behavior.case === "default" ? parameter.behavior.value : undefined,
    ]),
  );
  const isKept = spec !== undefined && readOffloadedInputs(spec) !== undefined;
  return (taken.interface?.inputs?.variables ?? []).map(({ key: name, value: variable }) => {
    const input = { name, type: variable?.type, description: variable?.description ?? "" };
    if (name === timeInput) return { ...input, from: "time", value: undefined };
    if (isKept) return { ...input, from: "kept", value: undefined };
    const given = own.get(name);
    if (given !== undefined) return { ...input, from: "trigger", ...read(name, given, taken) };
    const stored = defaults.get(name);
    if (stored !== undefined) return { ...input, from: "task", ...read(name, stored, taken) };
    return { ...input, from: "nothing", value: undefined };
  });
}

function read(
  name: string,
  value: Literal,
  { interface: signature }: TaskInterface,
): Pick<InputRow, "value" | "fault"> {
  try {
    const inputs = create(InputsSchema, { literals: [{ name, value }] });
    return { value: fromInputs(inputs, signature)[name] };
  } catch (error) {
    if (FlyteError.is(error)) return { value: undefined, fault: error.message };
    throw error;
  }
}

/** The values of the rows that have one, as a fire on demand may be given them. */
export function toGivenInputs(rows: readonly InputRow[]): JsonObject {
  return Object.fromEntries(
    rows.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])),
  );
}
