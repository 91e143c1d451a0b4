import type { JsonValue } from "../../../src/shared/json.ts";
import { numberToJson } from "../../../src/values/plain-values.ts";

const named: ReadonlyMap<string, string> = new Map([
  ["nan", "NaN"],
  ["inf", "Infinity"],
  ["+inf", "Infinity"],
  ["-inf", "-Infinity"],
  ["infinity", "Infinity"],
  ["+infinity", "Infinity"],
  ["-infinity", "-Infinity"],
]);

/** The integer that was entered, exact however large; what is none comes back as text. */
export function toIntegerValue(entered: string): JsonValue {
  const text = entered.trim();
  if (/^[+-]?\d{1,400}$/.test(text)) return numberToJson(BigInt(text.replace(/^\+/, "")));
  return toFloatValue(text);
}

/** The number that was entered, or the name of one that JSON cannot write; what is none comes back as text. */
export function toFloatValue(entered: string): JsonValue {
  const text = entered.trim();
  const name = named.get(text.toLowerCase());
  if (name !== undefined) return name;
  const isNumber = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text);
  const number = isNumber ? Number(text) : Number.NaN;
  return Number.isFinite(number) ? number : text;
}

/** A number as it is entered. */
export function toNumberText(value: number | bigint): string {
  return Object.is(value, -0) ? "-0" : String(value);
}
