import { create } from "@bufbuild/protobuf";
import { LiteralTypeSchema, SimpleType } from "../idl/literals.ts";
import { type EventPayload, EventPayloadSchema } from "../idl/signals.ts";
import { FlyteError, invalidInput } from "../shared/errors.ts";
import type { JsonValue } from "../shared/json.ts";
import { type ConditionDetails, toSimpleType } from "./condition-details.ts";
import { toLiteral } from "./literals.ts";

/**
 * A JSON value as the payload of a signal: of the type that the condition takes, or of the value's own where
 * that is not known.
 *
 * @throws FlyteError `invalid_input` for a value of another type
 */
export function toEventPayload(
  value: JsonValue,
  condition: Pick<ConditionDetails, "name" | "type">,
): EventPayload {
  const simple = condition.type === undefined ? ownType(value) : toSimpleType(condition.type);
  const type = create(LiteralTypeSchema, { type: { case: "simple", value: simple } });
  const { value: literal } = readValue(value, type, condition);
  const scalar = literal.case === "scalar" ? literal.value.value : undefined;
  const primitive = scalar?.case === "primitive" ? scalar.value.value : undefined;
  switch (primitive?.case) {
    case "boolean":
      return create(EventPayloadSchema, { value: { case: "boolValue", value: primitive.value } });
    case "integer":
      return create(EventPayloadSchema, { value: { case: "intValue", value: primitive.value } });
    case "floatValue":
      return create(EventPayloadSchema, { value: { case: "floatValue", value: primitive.value } });
    case "stringValue":
      return create(EventPayloadSchema, { value: { case: "stringValue", value: primitive.value } });
    default:
      throw new FlyteError("internal", "A simple value became none.");
  }
}

/** Says whose value it is that does not fit. */
function readValue(
  value: JsonValue,
  type: Parameters<typeof toLiteral>[1],
  { name, type: wanted }: Pick<ConditionDetails, "name" | "type">,
): ReturnType<typeof toLiteral> {
  try {
    return toLiteral(value, type);
  } catch (error) {
    if (!FlyteError.is(error) || error.code !== "invalid_input") throw error;
    const [message = ""] = error.faults.map((fault) => fault.message);
    const what = `condition ${JSON.stringify(name)} takes a value of type ${wanted}: ${message}`;
    throw invalidInput([{ path: ["value"], message: what }]);
  }
}

function ownType(value: JsonValue): SimpleType {
  switch (typeof value) {
    case "boolean":
      return SimpleType.BOOLEAN;
    case "bigint":
      return SimpleType.INTEGER;
    case "number":
      return Number.isInteger(value) ? SimpleType.INTEGER : SimpleType.FLOAT;
    default:
      return SimpleType.STRING;
  }
}
