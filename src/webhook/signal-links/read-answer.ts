import type { ConditionStatus } from "../../client/condition-calls.ts";
import type { JsonValue } from "../../shared/json.ts";

/** What a person has sent, or what is wrong with it. */
export type AnswerReading = { readonly value: JsonValue } | { readonly fault: string };

const maxLength = 4096;

/** Reads the field `value` of a form as the type that a condition takes. */
export function readAnswer(form: URLSearchParams, type: ConditionStatus["type"]): AnswerReading {
  const [text, ...others] = form.getAll("value");
  if (text === undefined || others.length > 0) return { fault: "Give one answer." };
  if (text.length > maxLength) return { fault: `Use at most ${maxLength} characters.` };
  switch (type) {
    case "boolean":
      if (text === "true" || text === "false") return { value: text === "true" };
      return { fault: "Answer with yes or no." };
    case "integer":
      return readInteger(text.trim());
    case "float":
      return readFloat(text.trim());
    default:
      return { value: text.replaceAll("\r\n", "\n") };
  }
}

const limit = 2n ** 63n;

function readInteger(text: string): AnswerReading {
  const value = /^[+-]?\d{1,19}$/.test(text) ? BigInt(text) : limit;
  if (value >= limit || value < -limit) return { fault: "Give a whole number." };
  return { value: Number.isSafeInteger(Number(value)) ? Number(value) : value };
}

function readFloat(text: string): AnswerReading {
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? { value } : { fault: "Give a number." };
}
