import type { JsonValue } from "../shared/json.ts";
import { toBase64 } from "./byte-texts.ts";

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A number as JSON: `bigint` only beyond 2^53; NaN and infinities by name. */
export function numberToJson(value: number | bigint): number | bigint | string {
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** The number a JSON value stands for as a float: any number, or `"NaN"`, `"Infinity"`, `"-Infinity"`. */
export function floatFromJson(value: JsonValue): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isFinite(number) ? number : undefined;
  }
  return value === "NaN" || value === "Infinity" || value === "-Infinity"
    ? Number(value)
    : undefined;
}

/** The integer a JSON value stands for: integral numbers however written, and `bigint`. */
export function integerFromJson(value: JsonValue): bigint | undefined {
  if (typeof value === "bigint") return value;
  return typeof value === "number" && Number.isInteger(value) ? BigInt(value) : undefined;
}

/** Bytes as JSON: text when they are UTF-8, else `{"base64": …}`. */
export function bytesToJson(bytes: Uint8Array): JsonValue {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return { base64: toBase64(bytes) };
  }
}

/** Whether a text can be encoded as UTF-8, which halves of surrogate pairs cannot. */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}
