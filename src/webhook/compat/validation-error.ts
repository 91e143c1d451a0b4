import type { JsonObject, JsonValue } from "../../shared/json.ts";

type Place = readonly (string | number)[];

/** One fault in a request as pydantic writes it. */
export type ValidationError = JsonObject;

const messages = {
  missing: "Field required",
  bool_parsing: "Input should be a valid boolean, unable to interpret input",
  int_parsing: "Input should be a valid integer, unable to parse string as an integer",
  dict_type: "Input should be a valid dictionary",
  list_type: "Input should be a valid list",
  string_type: "Input should be a valid string",
} as const;

/** @param input - what was sent in that place; null for what is missing */
export function validationError(
  type: keyof typeof messages,
  loc: Place,
  input: JsonValue = null,
): ValidationError {
  return { type, loc, msg: messages[type], input };
}

/** A body that is no JSON. */
export function invalidJson(offset: number, reason: string): ValidationError {
  return {
    type: "json_invalid",
    loc: ["body", offset],
    msg: "JSON decode error",
    input: {},
    ctx: { error: reason },
  };
}
