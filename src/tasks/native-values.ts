import type { Fault } from "../shared/errors.ts";
import type { JsonObject, JsonValue } from "../shared/json.ts";
import type { ScalarKind, StructField, TypeShape } from "./task-type.ts";

/** A converted value, or what is wrong with it. `value` counts only when there is no fault. */
export interface Converted<Value> {
  readonly value: Value;
  readonly faults: readonly Fault[];
}

type Path = readonly (string | number)[];

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/**
 * Turns a value as a task's function sees it into its JSON form: dates as RFC 3339 text, durations
 * as seconds, files as `{uri, format, hash}`. Reports every part that does not fit the type.
 */
export function fromNative(shape: TypeShape, native: unknown): Converted<JsonValue> {
  const faults: Fault[] = [];
  const value = convert(shape, native, { path: [], faults });
  return { value, faults };
}

interface At {
  readonly path: Path;
  readonly faults: Fault[];
}

function convert(shape: TypeShape, native: unknown, at: At): JsonValue {
  switch (shape.kind) {
    case "optional":
      return native === null || native === undefined ? null : convert(shape.item, native, at);
    case "union":
      return convertUnion(shape.variants, native, at);
    case "enum":
      return typeof native === "string" && shape.values.includes(native)
        ? native
        : fault(at, `must be one of ${shape.values.join(", ")}`, native);
    case "list":
      if (!Array.isArray(native)) return fault(at, "must be an array", native);
      return native.map((item, index) => convert(shape.item, item, step(at, index)));
    case "map":
      if (!isRecord(native)) return fault(at, "must be an object", native);
      return mapEntries(native, (key, item) => convert(shape.item, item, step(at, key)));
    case "struct":
      if (!isRecord(native)) return fault(at, `must be an object (${shape.name})`, native);
      return convertStruct(shape.fields, native, at);
    case "file":
    case "dir":
    case "dataset":
      return convertReference(shape, native, at);
    default:
      return convertScalar(shape.kind, native, at);
  }
}

function convertScalar(kind: ScalarKind, native: unknown, at: At): JsonValue {
  if (kind === "json") {
    return isRecord(native) ? toJson(native, at) : fault(at, "must be a JSON object", native);
  }
  const { rule, convert } = SCALARS[kind];
  const value = convert(native);
  return value === undefined ? fault(at, rule, native) : value;
}

interface ScalarRule {
  readonly rule: string;
  /** Undefined when the value does not fit. */
  readonly convert: (native: unknown) => JsonValue | undefined;
}

const SCALARS: Readonly<Record<Exclude<ScalarKind, "json">, ScalarRule>> = {
  int: {
    rule: "must be an integer; use t.bigint beyond 2^53",
    convert: (native) => (Number.isSafeInteger(native) ? Number(native) : undefined),
  },
  bigint: {
    rule: "must be a bigint of 64 bits",
    convert: (native) =>
      typeof native === "bigint" && native >= INT64_MIN && native <= INT64_MAX
        ? toJsonInteger(native)
        : undefined,
  },
  float: {
    rule: "must be a number",
    convert: (native) => (typeof native === "number" ? native : undefined),
  },
  string: {
    rule: "must be a string",
    convert: (native) => (typeof native === "string" ? native : undefined),
  },
  boolean: {
    rule: "must be true or false",
    convert: (native) => (typeof native === "boolean" ? native : undefined),
  },
  datetime: {
    rule: "must be a valid Date",
    convert: (native) =>
      native instanceof Date && !Number.isNaN(native.getTime()) ? native.toISOString() : undefined,
  },
  duration: {
    rule: "must be a number of milliseconds",
    convert: (native) => (Number.isFinite(native) ? Number(native) / 1000 : undefined),
  },
  none: {
    rule: "must be null",
    convert: (native) => (native === null || native === undefined ? null : undefined),
  },
};

/** The first variant that fits without a fault. */
function convertUnion(variants: readonly TypeShape[], native: unknown, at: At): JsonValue {
  for (const variant of variants) {
    const converted = fromNative(variant, native);
    if (converted.faults.length === 0) return converted.value;
  }
  return fault(at, `must be one of ${variants.map(({ kind }) => kind).join(", ")}`, native);
}

function convertStruct(fields: readonly StructField[], native: JsonRecord, at: At): JsonObject {
  const known = new Set(fields.map(({ name }) => name));
  for (const name of Object.keys(native)) {
    if (!known.has(name)) fault(step(at, name), "is not a field of the struct");
  }
  return Object.fromEntries(
    fields.map(({ name, shape, fallback }) => {
      const given = Object.hasOwn(native, name) ? native[name] : undefined;
      return [name, convert(shape, given === undefined ? fallback?.value : given, step(at, name))];
    }),
  );
}

function convertReference(
  { kind, format }: { readonly kind: string; readonly format: string },
  native: unknown,
  at: At,
): JsonValue {
  if (!isRecord(native) || typeof native["uri"] !== "string" || native["uri"] === "") {
    return fault(at, "must be an object with a uri", native);
  }
  const reference = { uri: native["uri"], format: native["format"] ?? format };
  if (typeof reference.format !== "string") return fault(at, "must have a text as format", native);
  const hash = native["hash"];
  const hashed = kind !== "dataset" && typeof hash === "string";
  return hashed
    ? { uri: reference.uri, format: reference.format, hash }
    : { uri: reference.uri, format: reference.format };
}

/** Copies JSON, refusing what JSON cannot say. */
function toJson(native: unknown, at: At): JsonValue {
  if (native === null || typeof native === "string" || typeof native === "boolean") return native;
  if (typeof native === "number" && Number.isFinite(native)) return native;
  if (typeof native === "bigint") return toJsonInteger(native);
  if (Array.isArray(native)) return native.map((item, index) => toJson(item, step(at, index)));
  if (isRecord(native)) return mapEntries(native, (key, item) => toJson(item, step(at, key)));
  return fault(at, "is not JSON", native);
}

function toJsonInteger(value: bigint): JsonValue {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

interface JsonRecord {
  readonly [key: string]: unknown;
}

function isRecord(value: unknown): value is JsonRecord {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // Objects of another realm, such as a test runner's, have another Object.prototype.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function mapEntries(
  record: JsonRecord,
  map: (key: string, value: unknown) => JsonValue,
): JsonObject {
  return Object.fromEntries(Object.entries(record).map(([key, item]) => [key, map(key, item)]));
}

function step(at: At, key: string | number): At {
  return { path: [...at.path, key], faults: at.faults };
}

function fault({ path, faults }: At, rule: string, value?: unknown): null {
  const message = value === undefined ? rule : `${rule}, not ${printShort(value)}`;
  faults.push({ path, message });
  return null;
}

function printShort(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "object" && value !== null)
    return Array.isArray(value) ? "an array" : "an object";
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
