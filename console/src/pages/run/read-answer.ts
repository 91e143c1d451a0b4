import type { JsonValue } from "../../../../src/shared/json.ts";
import type { ConditionType } from "../../../../src/values/condition-details.ts";

export type ReadAnswer =
  | { readonly kind: "value"; readonly value: JsonValue }
  | { readonly kind: "fault"; readonly message: string };

const int64 = { least: -(2n ** 63n), most: 2n ** 63n - 1n };

/** Reads what somebody typed as the value that a condition takes. Where that is not known it is text. */
export function readAnswer(text: string, type: ConditionType | undefined): ReadAnswer {
  const trimmed = text.trim();
  switch (type) {
    case "integer":
      return readInteger(trimmed);
    case "float":
      return readFloat(trimmed);
    case "boolean":
      return /^(?:yes|true|no|false)$/i.test(trimmed)
        ? { kind: "value", value: /^(?:yes|true)$/i.test(trimmed) }
        : { kind: "fault", message: "Enter yes or no." };
    default:
      return { kind: "value", value: text };
  }
}

function readInteger(text: string): ReadAnswer {
  if (!/^[+-]?\d{1,19}$/.test(text)) {
    return { kind: "fault", message: "Enter a whole number, such as 10." };
  }
  const value = BigInt(text.replace(/^\+/, ""));
  if (value < int64.least || value > int64.most) {
    return { kind: "fault", message: "This number is too large." };
  }
  return { kind: "value", value };
}

function readFloat(text: string): ReadAnswer {
  const value = Number(text);
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) || !Number.isFinite(value)) {
    return { kind: "fault", message: "Enter a number, such as 12.5." };
  }
  return { kind: "value", value };
}
