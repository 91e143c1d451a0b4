import { BlobType_BlobDimensionality, type LiteralType, SimpleType } from "../idl/literals.ts";
import type { JsonValue } from "../shared/json.ts";

const simpleNames: ReadonlyMap<number, string> = new Map([
  [SimpleType.NONE, "null"],
  [SimpleType.INTEGER, "integer"],
  [SimpleType.FLOAT, "float"],
  [SimpleType.STRING, "string"],
  [SimpleType.BOOLEAN, "boolean"],
  [SimpleType.DATETIME, "datetime"],
  [SimpleType.DURATION, "duration"],
  [SimpleType.BINARY, "binary"],
  [SimpleType.ERROR, "error"],
  [SimpleType.STRUCT, "struct"],
]);

/**
 * Prints a type the way messages and explicit union values name it: `integer`, `list<float>`,
 * `map<file>`, `union<integer, null>`, or the title of a struct.
 */
export function printType(type: LiteralType | undefined, depth = 0): string {
  const kind = type?.type;
  if (depth > 8) return "…";
  switch (kind?.case) {
    case "simple":
      return structTitle(type) ?? simpleNames.get(kind.value) ?? "unknown";
    case "schema":
      return "schema";
    case "collectionType":
      return `list<${printType(kind.value, depth + 1)}>`;
    case "mapValueType":
      return `map<${printType(kind.value, depth + 1)}>`;
    case "blob":
      return kind.value.dimensionality === BlobType_BlobDimensionality.MULTIPART
        ? "directory"
        : "file";
    case "enumType":
      return "enum";
    case "structuredDatasetType":
      return "dataset";
    case "unionType":
      return `union<${kind.value.variants.map((variant) => printType(variant, depth + 1)).join(", ")}>`;
    default:
      return "unknown";
  }
}

/** The title of a struct's schema; undefined for untyped structs and other types. */
export function structTitle(type: LiteralType | undefined): string | undefined {
  if (type?.type.case !== "simple" || type.type.value !== SimpleType.STRUCT) return undefined;
  const title = type.metadata?.["title"];
  return typeof title === "string" && title !== "" ? title : undefined;
}

/** Prints what a value is, short enough for a message. */
export function printValue(value: JsonValue): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") {
    return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  }
  if (typeof value === "object") return Array.isArray(value) ? "a list" : "an object";
  const digits = String(value);
  return digits.length > 40 ? `${digits.slice(0, 40)}…` : digits;
}
