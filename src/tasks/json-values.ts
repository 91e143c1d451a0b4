import type { JsonObject, JsonValue } from "../shared/json.ts";
import { fromNative } from "./native-values.ts";
import type { TypeShape } from "./task-type.ts";

/**
 * Turns the JSON form of a value, already checked against the task's interface, into what the
 * task's function sees: dates as `Date`, durations as milliseconds, 64-bit integers as `bigint`.
 *
 * @throws TypeError when the value does not fit the type.
 */
export function toNative(shape: TypeShape, value: JsonValue): unknown {
  switch (shape.kind) {
    case "optional":
      return value === null ? null : toNative(shape.item, value);
    case "union":
      return toUnion(shape.variants, value);
    case "list":
      if (!Array.isArray(value)) throw misfit(shape, value);
      return value.map((item: JsonValue) => toNative(shape.item, item));
    case "map":
      return Object.fromEntries(
        Object.entries(asObject(shape, value)).map(([key, item]) => [
          key,
          toNative(shape.item, item),
        ]),
      );
    case "struct":
      return toStruct(shape, asObject(shape, value));
    case "file":
    case "dir":
    case "dataset":
      return toReference(shape, value);
    case "json":
      return asObject(shape, value);
    default:
      return toScalar(shape, value);
  }
}

function toScalar(shape: TypeShape, value: JsonValue): unknown {
  switch (shape.kind) {
    case "int":
    case "float":
      return toNumber(shape, value);
    case "bigint":
      if (typeof value === "bigint" || Number.isSafeInteger(value)) return BigInt(value as number);
      throw misfit(shape, value);
    case "datetime": {
      const date = new Date(typeof value === "string" ? value : Number.NaN);
      if (Number.isNaN(date.getTime())) throw misfit(shape, value);
      return date;
    }
    case "duration": {
      const seconds = toNumber(shape, value);
      // Milliseconds with the microseconds that Flyte keeps, without the noise of the division.
      return Math.round(seconds * 1e6) / 1e3;
    }
    case "none":
      if (value === null) return null;
      throw misfit(shape, value);
    default:
      // Text, truth values and enums look the same on both sides.
      if (fromNative(shape, value).faults.length === 0) return value;
      throw misfit(shape, value);
  }
}

function toNumber(shape: TypeShape, value: JsonValue): number {
  const special = typeof value === "string" && /^(NaN|[+-]?Infinity)$/.test(value);
  const number = typeof value === "bigint" || special ? Number(value) : value;
  const fits = shape.kind === "int" ? Number.isSafeInteger(number) : typeof number === "number";
  if (!fits || typeof number !== "number") throw misfit(shape, value);
  return number;
}

function toUnion(variants: readonly TypeShape[], value: JsonValue): unknown {
  for (const variant of variants) {
    try {
      return toNative(variant, value);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
  }
  throw new TypeError(`fits none of ${variants.map(({ kind }) => kind).join(", ")}`);
}

function toStruct(shape: TypeShape & { readonly kind: "struct" }, value: JsonObject): unknown {
  const known = new Set(shape.fields.map(({ name }) => name));
  if (Object.keys(value).some((name) => !known.has(name))) throw misfit(shape, value);
  return Object.fromEntries(
    shape.fields.map((field) => {
      const given = Object.hasOwn(value, field.name) ? value[field.name] : undefined;
      if (given !== undefined) return [field.name, toNative(field.shape, given)];
      if (field.fallback === undefined) throw misfit(shape, value);
      return [field.name, field.fallback.value];
    }),
  );
}

function toReference(shape: TypeShape & { readonly format: string }, value: JsonValue): unknown {
  const { uri, path, format, hash } = asObject(shape, value) as Record<string, JsonValue>;
  const where = typeof uri === "string" ? uri : path;
  if (typeof where !== "string") throw misfit(shape, value);
  return {
    uri: where,
    format: typeof format === "string" ? format : shape.format,
    ...(typeof hash === "string" ? { hash } : {}),
  };
}

function asObject(shape: TypeShape, value: JsonValue): JsonObject {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as JsonObject;
  }
  throw misfit(shape, value);
}

function misfit(shape: TypeShape, value: JsonValue): TypeError {
  const found = value === null ? "null" : Array.isArray(value) ? "an array" : `a ${typeof value}`;
  return new TypeError(`is ${found} where ${shape.kind} is expected`);
}
