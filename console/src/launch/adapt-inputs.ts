import { create, equals } from "@bufbuild/protobuf";
import { type LiteralType, LiteralTypeSchema } from "../../../src/idl/literals.ts";
import { type Inputs, InputsSchema } from "../../../src/idl/tasks.ts";
import { FlyteError } from "../../../src/shared/errors.ts";
import type { JsonValue } from "../../../src/shared/json.ts";
import { fromLiteral, toLiteral } from "../../../src/values/literals.ts";
import type { TaskInterface } from "../../../src/values/task-inputs.ts";
import { printType } from "../../../src/values/type-names.ts";
import type { Draft } from "./draft.ts";
import { draftOrJson, jsonText } from "./json-to-draft.ts";
import { shapeOf } from "./shape.ts";

/** The inputs of an earlier run, for a version of a task that may take others. */
export interface AdaptedInputs {
  /** Those of the same type, which are sent as they were unless they are edited. */
  readonly kept: Inputs;
  /** Those whose type has changed, by name, to be looked at. */
  readonly entered: ReadonlyMap<string, Draft>;
  /** What differs, in words, by input; those without a place in the form have none there. */
  readonly notes: ReadonlyMap<string, string>;
}

/** @param typeOf - the type of an input in the version that the run is of */
export function adaptInputs(
  inputs: Inputs,
  typeOf: (name: string) => LiteralType | undefined,
  task: TaskInterface,
): AdaptedInputs {
  const variables = task.interface?.inputs?.variables ?? [];
  const types = new Map(variables.map(({ key, value }) => [key, value?.type]));
  const kept: Inputs["literals"] = [];
  const entered = new Map<string, Draft>();
  const notes = new Map<string, string>();
  for (const input of inputs.literals) {
    const { name, value: literal } = input;
    const [before, now] = [typeOf(name), types.get(name)];
    if (literal === undefined) continue;
    if (now === undefined) {
      notes.set(name, "The run had this input; this version has none of that name.");
    } else if (before === undefined || equals(LiteralTypeSchema, before, now)) {
      kept.push(input);
    } else {
      const words = `was ${printType(before)} in the run and is ${printType(now)} in this version`;
      const value = orUndefined(() => fromLiteral(literal, before));
      if (value === undefined)
        notes.set(name, `It ${words}. The value of the run cannot be shown.`);
      else {
        entered.set(name, fits(value, now) ? draftOrJson(value, shapeOf(now)) : asJson(value));
        notes.set(name, `It ${words}: look whether the value is right.`);
      }
    }
  }
  return { kept: create(InputsSchema, { literals: kept }), entered, notes };
}

function asJson(value: JsonValue): Draft {
  return { kind: "json", text: jsonText(value) };
}

function orUndefined<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (FlyteError.is(error)) return undefined;
    throw error;
  }
}

function fits(value: JsonValue, type: LiteralType): boolean {
  return orUndefined(() => toLiteral(value, type)) !== undefined;
}
