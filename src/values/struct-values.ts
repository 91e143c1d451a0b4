import {
  isJsonArray,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  ownValue,
  stringifyJson,
} from "../shared/json.ts";
import type { FaultLog } from "./fault-log.ts";
import { Float64, type Packable } from "./msgpack-writer.ts";
import { floatFromJson, integerFromJson, numberToJson } from "./plain-values.ts";
import { packModel } from "./struct-model.ts";
import { packInteger, packPlain } from "./struct-plain.ts";
import { alternatives, resolveSchema, typeNames } from "./struct-schema.ts";
import { printValue } from "./type-names.ts";

/** What stays the same within one struct. */
export interface StructContext {
  /** The whole schema, into which references lead. */
  readonly root: JsonObject;
  /** Whether fields that no schema declares are kept rather than refused. */
  readonly keepsUnknown: boolean;
}

const maxDepth = 90;

/** Converts a value by a JSON schema to what MessagePack shall hold. Undefined after a fault. */
export function packBySchema(
  value: JsonValue,
  given: JsonValue | undefined,
  log: FaultLog,
  context: StructContext,
): Packable | undefined {
  if (log.depth > maxDepth) return log.add(`the value is nested more than ${maxDepth} deep`);
  if (!log.spend()) return undefined;
  const schema = resolveSchema(given, context.root);
  const listed = ownValue(schema, "enum") ?? constant(schema);
  if (isJsonArray(listed)) return packListed(value, listed, log);
  const options = alternatives(schema) ?? severalTypes(schema);
  if (options !== undefined) return packAlternative(value, schema, options, log, context);
  switch (typeNames(schema)[0]) {
    case "null":
      return value === null ? value : log.add(`expected null, got ${printValue(value)}`);
    case "boolean":
      if (typeof value === "boolean") return value;
      return log.add(`expected true or false, got ${printValue(value)}`);
    case "string":
      if (typeof value === "string") return packPlain(value, log);
      return log.add(`expected a string, got ${printValue(value)}`);
    case "integer":
      return packIntegral(value, log);
    case "number":
      return packFloat(value, log);
    case "array":
      return packArray(value, schema, log, context);
    case "object":
      return packObject(value, schema, log, context);
    default:
      return Object.hasOwn(schema, "properties")
        ? packObject(value, schema, log, context)
        : packPlain(value, log);
  }
}

function constant(schema: JsonObject): readonly JsonValue[] | undefined {
  const value = ownValue(schema, "const");
  return value === undefined ? undefined : [value];
}

/** `{"type": ["integer", "null"]}` as alternatives of one type each. */
function severalTypes(schema: JsonObject): readonly JsonValue[] | undefined {
  const names = typeNames(schema);
  return names.length > 1 ? names.map((type) => ({ ...schema, type })) : undefined;
}

function packListed(
  value: JsonValue,
  listed: readonly JsonValue[],
  log: FaultLog,
): Packable | undefined {
  if (listed.some((allowed) => allowed === value)) return packPlain(value, log);
  const shown = listed.slice(0, 20).map((allowed) => stringifyJson(allowed));
  return log.add(`expected one of ${shown.join(", ")}, got ${printValue(value)}`);
}

function packIntegral(value: JsonValue, log: FaultLog): Packable | undefined {
  const integer = integerFromJson(value);
  if (integer === undefined) return log.add(`expected an integer, got ${printValue(value)}`);
  if (packInteger(integer, log) === undefined) return undefined;
  // Numbers beyond 2^53 must not be taken for floats.
  return typeof value === "number" && Object.is(value, -0) ? 0 : numberToJson(integer);
}

function packFloat(value: JsonValue, log: FaultLog): Packable | undefined {
  const number = floatFromJson(value);
  if (number !== undefined) return new Float64(number);
  return log.add(`expected a number (or "NaN", "Infinity", "-Infinity"), got ${printValue(value)}`);
}

function packArray(
  value: JsonValue,
  schema: JsonObject,
  log: FaultLog,
  context: StructContext,
): Packable | undefined {
  if (!isJsonArray(value)) return log.add(`expected a list, got ${printValue(value)}`);
  const prefix = ownValue(schema, "prefixItems");
  const packed: Packable[] = [];
  for (let index = 0; index < value.length && !log.isFull; index += 1) {
    const item = isJsonArray(prefix) ? (prefix[index] ?? schema["items"]) : schema["items"];
    const result = log.at(index, () => packBySchema(value[index] ?? null, item, log, context));
    if (result !== undefined) packed.push(result);
  }
  return packed.length === value.length ? packed : undefined;
}

function packObject(
  value: JsonValue,
  schema: JsonObject,
  log: FaultLog,
  context: StructContext,
): Packable | undefined {
  if (!isJsonObject(value)) return log.add(`expected an object, got ${printValue(value)}`);
  return packModel(value, schema, log, context, (item, itemSchema, itemLog) =>
    packBySchema(item, itemSchema, itemLog, context),
  );
}

/** Null where it is allowed, then the alternative a discriminator names, then the first that fits. */
function packAlternative(
  value: JsonValue,
  schema: JsonObject,
  options: readonly JsonValue[],
  log: FaultLog,
  context: StructContext,
): Packable | undefined {
  const isNull = (option: JsonValue): boolean =>
    typeNames(resolveSchema(option, context.root))[0] === "null";
  const others = options.filter((option) => !isNull(option));
  if (value === null && others.length < options.length) return null;
  const named = discriminated(value, schema);
  const sole = named ?? (others.length === 1 ? others[0] : undefined);
  if (sole !== undefined) return packBySchema(value, sole, log, context);
  for (const option of others) {
    if (!log.spend()) return undefined;
    const packed = log.attempt((trial) => packBySchema(value, option, trial, context));
    if (packed !== undefined) return packed;
  }
  return log.add(`${printValue(value)} fits none of the ${options.length} allowed types`);
}

function discriminated(value: JsonValue, schema: JsonObject): JsonValue | undefined {
  const discriminator = ownValue(schema, "discriminator");
  if (!isJsonObject(discriminator) || !isJsonObject(value)) return undefined;
  const property = ownValue(discriminator, "propertyName");
  const mapping = ownValue(discriminator, "mapping");
  const name = typeof property === "string" ? ownValue(value, property) : undefined;
  if (typeof name !== "string" || !isJsonObject(mapping)) return undefined;
  const reference = ownValue(mapping, name);
  return typeof reference === "string" ? { $ref: reference } : undefined;
}
