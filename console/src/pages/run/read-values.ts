import { toJsonString } from "@bufbuild/protobuf";
import { type Literal, LiteralSchema, type TypedInterface } from "../../../../src/idl/literals.ts";
import type { Inputs, Outputs } from "../../../../src/idl/tasks.ts";
import { FlyteError } from "../../../../src/shared/errors.ts";
import type { JsonObject, JsonValue } from "../../../../src/shared/json.ts";
import { fromLiteral } from "../../../../src/values/literals.ts";
import { type NamedOutput, nameOutputs } from "../../../../src/values/task-inputs.ts";

/** Inputs or outputs as they are shown: by name, and those that cannot be converted as they came. */
export interface ReadValues {
  readonly values: JsonObject;
  readonly broken: readonly BrokenValue[];
}

export interface BrokenValue {
  readonly name: string;
  readonly problem: string;
  /** The message as JSON; "" where it has no such form either. */
  readonly raw: string;
}

/** The inputs of an action by the names and types of its task. */
export function readInputs(
  inputs: Inputs | undefined,
  iface: TypedInterface | undefined,
): ReadValues {
  const variables = new Map((iface?.inputs?.variables ?? []).map(({ key, value }) => [key, value]));
  const literals = inputs?.literals ?? [];
  return readAll(
    literals.map(({ name, value }) => ({ name, literal: value, variable: variables.get(name) })),
  );
}

/** The outputs of an action by the names of its task, which those that wrote them may not have used. */
export function readOutputs(
  outputs: Outputs | undefined,
  iface: TypedInterface | undefined,
): ReadValues {
  const isEmpty = outputs === undefined || outputs.literals.length === 0;
  return readAll(isEmpty ? [] : nameOutputs(outputs, iface));
}

function readAll(named: readonly Omit<NamedOutput, "written">[]): ReadValues {
  const values: [name: string, value: JsonValue][] = [];
  const broken: BrokenValue[] = [];
  for (const { name, literal, variable } of named) {
    try {
      values.push([name, literal === undefined ? null : fromLiteral(literal, variable?.type)]);
    } catch (error) {
      if (!FlyteError.is(error)) throw error;
      const raw = literal === undefined ? "" : toRaw(literal);
      broken.push({ name, problem: error.message, raw });
    }
  }
  return { values: Object.fromEntries(values), broken };
}

function toRaw(literal: Literal): string {
  try {
    return toJsonString(LiteralSchema, literal, { prettySpaces: 2 });
  } catch {
    return "";
  }
}
