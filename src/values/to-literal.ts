import type { EnumType, Literal, LiteralType } from "../idl/literals.ts";
import { isJsonArray, isJsonObject, type JsonValue } from "../shared/json.ts";
import type { FaultLog } from "./fault-log.ts";
import { makeCollection, makeMap, makePrimitive } from "./make-literal.ts";
import { isWellFormed } from "./plain-values.ts";
import { toBlob, toDataset, toSchema } from "./reference-literals.ts";
import { toSimple } from "./simple-literals.ts";
import { printType, printValue } from "./type-names.ts";
import { toUnion } from "./unions.ts";

/**
 * How deep literals may nest: protobuf decoders stop at 100 messages, and a level takes up to three.
 */
const maxLiteralDepth = 30;

/** Converts a JSON value to a literal of a type, noting each fault. Undefined after a fault. */
export function convertToLiteral(
  value: JsonValue,
  type: LiteralType,
  log: FaultLog,
  depth = 0,
): Literal | undefined {
  if (depth > maxLiteralDepth) {
    return log.add(`the type is nested more than ${maxLiteralDepth} deep`);
  }
  if (!log.spend()) return undefined;
  const kind = type.type;
  if (value === null && !takesNull(type)) {
    return log.add(`null is not allowed, give a value of type ${printType(type)}`);
  }
  const convert = (item: JsonValue, itemType: LiteralType, itemLog: FaultLog) =>
    convertToLiteral(item, itemType, itemLog, depth + 1);
  switch (kind.case) {
    case "simple":
      return toSimple(value, kind.value, type, log);
    case "collectionType":
      return toCollection(value, kind.value, log, convert);
    case "mapValueType":
      return toMap(value, kind.value, log, convert);
    case "unionType":
      return toUnion(value, kind.value.variants, log, convert);
    case "enumType":
      return toEnum(value, kind.value, log);
    case "blob":
      return toBlob(value, kind.value, log);
    case "structuredDatasetType":
      return toDataset(value, kind.value, log);
    case "schema":
      return toSchema(value, kind.value, log);
    default:
      return log.add("the task declares a type that this version does not know");
  }
}

/** The conversion of a value within another. */
export type Convert = (value: JsonValue, type: LiteralType, log: FaultLog) => Literal | undefined;

function takesNull({ type }: LiteralType): boolean {
  // SimpleType.NONE is 0; an unknown type gets its own fault.
  return (type.case === "simple" && type.value === 0) || type.case === "unionType" || !type.case;
}

function toCollection(
  value: JsonValue,
  itemType: LiteralType,
  log: FaultLog,
  convert: Convert,
): Literal | undefined {
  if (!isJsonArray(value)) {
    return log.add(`expected a list of ${printType(itemType)}, got ${printValue(value)}`);
  }
  const literals: Literal[] = [];
  for (let index = 0; index < value.length && !log.isFull; index += 1) {
    const literal = log.at(index, () => convert(value[index] ?? null, itemType, log));
    if (literal !== undefined) literals.push(literal);
  }
  return literals.length === value.length ? makeCollection(literals) : undefined;
}

function toMap(
  value: JsonValue,
  valueType: LiteralType,
  log: FaultLog,
  convert: Convert,
): Literal | undefined {
  if (!isJsonObject(value)) {
    return log.add(
      `expected an object with values of ${printType(valueType)}, got ${printValue(value)}`,
    );
  }
  const given = Object.entries(value);
  const entries: (readonly [string, Literal])[] = [];
  for (const [key, item] of given) {
    if (log.isFull) break;
    if (key === "__proto__" || !isWellFormed(key)) log.add("this key is not allowed", key);
    else {
      const literal = log.at(key, () => convert(item, valueType, log));
      if (literal !== undefined) entries.push([key, literal]);
    }
  }
  return entries.length === given.length ? makeMap(entries) : undefined;
}

function toEnum(value: JsonValue, { values }: EnumType, log: FaultLog): Literal | undefined {
  if (typeof value === "string" && values.includes(value)) {
    return makePrimitive({ case: "stringValue", value });
  }
  const shown = values.slice(0, 20).map((allowed) => JSON.stringify(allowed));
  const rest = values.length > shown.length ? ", …" : "";
  return log.add(`expected one of ${shown.join(", ")}${rest}, got ${printValue(value)}`);
}
