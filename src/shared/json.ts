import { FlyteError } from "./errors.ts";
import { readJson } from "./json-reader.ts";
import { writeJson } from "./json-writer.ts";

/**
 * Any JSON value. Integers beyond 2^53 are `bigint`, so that 64-bit values stay exact both ways;
 * all other numbers are `number`.
 */
export type JsonValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly JsonValue[]
  | JsonObject;

export interface JsonObject {
  readonly [key: string]: JsonValue;
}

export interface ParseJsonOptions {
  /**
   * How many arrays and objects may stand inside one another.
   * @default 64
   */
  readonly maxDepth?: number;
}

/**
 * Reads a JSON text (RFC 8259) without losing anything: integers beyond 2^53 become `bigint`.
 *
 * Stricter than `JSON.parse` where leniency hides mistakes or attacks: a key given twice, the key
 * `__proto__`, nesting deeper than `maxDepth` and numbers beyond the range of a double are refused.
 *
 * @throws {@link FlyteError} `invalid_input` with the line, column and offset of the fault.
 */
export function parseJson(text: string, options: ParseJsonOptions = {}): JsonValue {
  const maxDepth = options.maxDepth ?? 64;
  const keys = countKeys(text, maxDepth);
  if (keys !== undefined) {
    const value = parseNatively(text);
    if (value !== undefined && countPlainKeys(value) === keys) return value;
  }
  return readJson(text, maxDepth);
}

/**
 * Prints a value as JSON; `bigint` as an integer in full, NaN and infinities as null.
 *
 * @param indent - spaces per level; 0 prints everything on one line
 * @throws {@link FlyteError} `invalid_input` for a value that is nested without end.
 */
export function stringifyJson(value: JsonValue, indent = 0): string {
  try {
    return JSON.stringify(value, undefined, indent);
  } catch (error) {
    // JSON.stringify refuses only what is rare: bigint (a TypeError), and nesting beyond the stack.
    if (error instanceof TypeError) return printExactly(value, indent);
    throw tooDeep(error);
  }
}

/** Whether the value is a JSON object: neither null nor an array nor a scalar. */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether the value is a JSON array. */
export function isJsonArray(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** The value an object holds itself under a key; what it inherits (`constructor`) does not count. */
export function ownValue(object: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function printExactly(value: JsonValue, indent: number): string {
  try {
    return writeJson(value, indent);
  } catch (error) {
    throw tooDeep(error);
  }
}

function tooDeep(cause: unknown): FlyteError {
  const message = "the value is nested too deeply to be printed as JSON";
  return new FlyteError("invalid_input", message, { cause });
}

/** `JSON.parse`, or undefined for a text it refuses: the exact reader says why. */
function parseNatively(text: string): JsonValue | undefined {
  try {
    // JSON.parse returns nothing but JSON values.
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

/** The keys written in a text, repeated ones included; undefined when the exact reader must decide. */
function countKeys(text: string, maxDepth: number): number | undefined {
  let depth = 0;
  let keys = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      at = endOfString(text, at);
      if (at < 0) return undefined;
    } else if (code === 0x5b || code === 0x7b) {
      depth += 1;
      if (depth > maxDepth) return undefined;
    } else if (code === 0x5d || code === 0x7d) depth -= 1;
    else if (code === 0x3a) keys += 1;
  }
  return keys;
}

function endOfString(text: string, start: number): number {
  let at = start;
  for (;;) {
    at = text.indexOf('"', at + 1);
    if (at < 0) return -1;
    let escapes = 0;
    while (text.charCodeAt(at - 1 - escapes) === 0x5c) escapes += 1;
    if (escapes % 2 === 0) return at;
  }
}

/** The keys of a parsed value, or undefined when it holds what the exact reader must judge. */
function countPlainKeys(value: JsonValue): number | undefined {
  if (typeof value === "number") {
    return Math.abs(value) <= Number.MAX_SAFE_INTEGER ? 0 : undefined;
  }
  if (typeof value !== "object" || value === null) return 0;
  let keys = 0;
  if (isJsonArray(value)) {
    for (const item of value) {
      const inner = countPlainKeys(item);
      if (inner === undefined) return undefined;
      keys += inner;
    }
    return keys;
  }
  for (const [key, item] of Object.entries(value)) {
    const inner = key === "__proto__" ? undefined : countPlainKeys(item);
    if (inner === undefined) return undefined;
    keys += inner + 1;
  }
  return keys;
}
