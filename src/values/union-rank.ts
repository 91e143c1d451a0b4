import { type LiteralType, SimpleType } from "../idl/literals.ts";
import { isJsonArray, isJsonObject, type JsonValue } from "../shared/json.ts";
import { parseDatetime } from "./datetimes.ts";
import { floatFromJson, integerFromJson } from "./plain-values.ts";
import { declaredNames } from "./struct-schema.ts";

/**
 * How far a type is from a value that fits it; the lowest wins. The order follows Python, where an
 * exact type match beats any conversion:
 *
 * - 0: the value's own type: integer, float for fractions, string, boolean, null, untyped struct
 * - 1: a close relative: float for an integral number, an enum, a datetime, a map, a struct whose
 *   schema declares every given field, an object naming a file or dataset
 * - 2: a struct with undeclared fields, a duration, an integer for a boolean, bytes as base64
 * - 3: a file, directory or dataset given by its bare address
 *
 * A list ranks as its worst item, a nested union as its best variant.
 */
export function unionRank(value: JsonValue, type: LiteralType): number {
  const kind = type.type;
  switch (kind.case) {
    case "simple":
      return rankSimple(value, kind.value, type);
    case "enumType":
      return typeof value === "string" && kind.value.values.includes(value) ? 1 : 3;
    case "collectionType":
      return isJsonArray(value) ? worst(value, kind.value, 0) : 3;
    case "mapValueType":
      return isJsonObject(value) ? worst(Object.values(value), kind.value, 1) : 3;
    case "unionType":
      return Math.min(3, ...kind.value.variants.map((variant) => unionRank(value, variant)));
    default:
      return isJsonObject(value) ? 1 : 3;
  }
}

function worst(items: readonly JsonValue[], type: LiteralType, least: number): number {
  let rank = least;
  for (const item of items) {
    rank = Math.max(rank, unionRank(item, type));
    if (rank >= 3) break;
  }
  return rank;
}

function rankSimple(value: JsonValue, simple: SimpleType, type: LiteralType): number {
  switch (simple) {
    case SimpleType.INTEGER:
      return typeof value === "boolean" ? 2 : rankIf(integerFromJson(value) !== undefined, 0);
    case SimpleType.FLOAT:
      return rankIf(
        floatFromJson(value) !== undefined,
        typeof value !== "number" || Number.isInteger(value) ? 1 : 0,
      );
    case SimpleType.STRING:
      return rankIf(typeof value === "string", 0);
    case SimpleType.BOOLEAN:
      return rankIf(typeof value === "boolean", 0);
    case SimpleType.NONE:
      return rankIf(value === null, 0);
    case SimpleType.DATETIME:
      return rankIf(typeof value === "string" && parseDatetime(value) !== undefined, 1);
    case SimpleType.ERROR:
      return rankIf(isJsonObject(value), 1);
    case SimpleType.STRUCT:
      return rankStruct(value, type);
    default:
      return isJsonObject(value) ? 1 : 2;
  }
}

function rankIf(fits: boolean, rank: number): number {
  return fits ? rank : 3;
}

function rankStruct(value: JsonValue, type: LiteralType): number {
  if (!isJsonObject(value)) return 3;
  const names = declaredNames(type);
  if (names === undefined) return 0;
  return Object.keys(value).every((key) => names.has(key)) ? 1 : 2;
}
