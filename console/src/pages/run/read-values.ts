import { toJsonString } from "@bufbuild/protobuf";
import {
  type Literal,
  LiteralSchema,
  type LiteralType,
  type TypedInterface,
  type VariableEntry,
} from "../../../../src/idl/literals.ts";
import type { Inputs, Outputs } from "../../../../src/idl/tasks.ts";
import { FlyteError } from "../../../../src/shared/errors.ts";
import type { JsonObject, JsonValue } from "../../../../src/shared/json.ts";
import { fromLiteral } from "../../../../src/values/literals.ts";
import { nameOutputs } from "../../../../src/values/task-inputs.ts";

/** An input or output as it is shown; one that cannot be converted as the message it came in. */
export interface ReadValue {
  readonly name: string;
  readonly type: LiteralType | undefined;
  readonly description: string;
  readonly read:
    | { readonly kind: "value"; readonly value: JsonValue }
    | { readonly kind: "raw"; readonly problem: string; readonly raw: string };
}

/** The inputs of an action by the names and types of its task. */
export function readInputs(
  inputs: Inputs | undefined,
  iface: TypedInterface | undefined,
): readonly ReadValue[] {
  const variables = new Map((iface?.inputs?.variables ?? []).map(({ key, value }) => [key, value]));
  return (inputs?.literals ?? []).map(({ name, value }) =>
    readValue(name, value, variables.get(name)),
  );
}

/** The outputs of an action by the names of its task, which those that wrote them may not have used. */
export function readOutputs(
  outputs: Outputs | undefined,
  iface: TypedInterface | undefined,
): readonly ReadValue[] {
  if (outputs === undefined || outputs.literals.length === 0) return [];
  return nameOutputs(outputs, iface).map(({ name, literal, variable }) =>
    readValue(name, literal, variable),
  );
}

function readValue(
  name: string,
  literal: Literal | undefined,
  variable: VariableEntry["value"],
): ReadValue {
  const { type, description = "" } = variable ?? {};
  try {
    const value = literal === undefined ? null : fromLiteral(literal, type);
    return { name, type, description, read: { kind: "value", value } };
  } catch (error) {
    if (!FlyteError.is(error)) throw error;
    const raw = literal === undefined ? "" : toRaw(literal);
    return { name, type, description, read: { kind: "raw", problem: error.message, raw } };
  }
}

function toRaw(literal: Literal): string {
  try {
    return toJsonString(LiteralSchema, literal, { prettySpaces: 2 });
  } catch {
    return "";
  }
}

/** All values as one JSON object; those that cannot be converted as their messages. */
export function toJsonObject(values: readonly ReadValue[]): JsonObject {
  return Object.fromEntries(
    values.map(({ name, read }) => [name, read.kind === "value" ? read.value : read.raw]),
  );
}
