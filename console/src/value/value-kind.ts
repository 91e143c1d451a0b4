import {
  BlobType_BlobDimensionality,
  type LiteralType,
  SimpleType,
} from "../../../src/idl/literals.ts";
import {
  isJsonArray,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  ownValue,
} from "../../../src/shared/json.ts";
import { parseDatetime } from "../../../src/values/datetimes.ts";
import { unionRank } from "../../../src/values/union-rank.ts";

/** What a value is, as far as showing it goes. */
export type ValueKind =
  | { readonly kind: "nothing" }
  | { readonly kind: "boolean"; readonly value: boolean }
  /** Digits as they are, so that none is lost. */
  | { readonly kind: "number"; readonly text: string }
  /** Without a time for a date alone. */
  | { readonly kind: "datetime"; readonly text: string; readonly at: Date | undefined }
  | { readonly kind: "duration"; readonly seconds: number }
  | { readonly kind: "choice"; readonly text: string }
  | { readonly kind: "text"; readonly text: string }
  | ({ readonly kind: "reference" } & Reference)
  | { readonly kind: "bytes"; readonly base64: string; readonly what: string }
  | { readonly kind: "error"; readonly message: string; readonly node: string }
  | {
      readonly kind: "list";
      readonly items: readonly JsonValue[];
      readonly itemType: LiteralType | undefined;
    }
  | {
      readonly kind: "record";
      readonly entries: readonly (readonly [key: string, value: JsonValue])[];
      readonly valueType: LiteralType | undefined;
    };

/** A value that is kept elsewhere. */
export interface Reference {
  /** In words: `file`, `directory`, `dataset`. */
  readonly what: string;
  readonly uri: string;
  readonly format: string;
  readonly hash: string;
}

/** Says what a value is: by its type where it has that form, else by its form alone. */
export function toValueKind(value: JsonValue, type: LiteralType | undefined): ValueKind {
  if (value === null) return { kind: "nothing" };
  const offloaded = isJsonObject(value) ? toOffloaded(value) : undefined;
  return offloaded ?? byType(value, type) ?? byForm(value);
}

function byForm(value: JsonValue): ValueKind {
  if (typeof value === "boolean") return { kind: "boolean", value };
  if (typeof value === "number" || typeof value === "bigint") {
    return { kind: "number", text: String(value) };
  }
  if (typeof value === "string") return { kind: "text", text: value };
  if (isJsonArray(value)) return { kind: "list", items: value, itemType: undefined };
  if (value === null) return { kind: "nothing" };
  return { kind: "record", entries: Object.entries(value), valueType: undefined };
}

function byType(value: JsonValue, type: LiteralType | undefined): ValueKind | undefined {
  const declared = type?.type;
  switch (declared?.case) {
    case "simple":
      return bySimpleType(value, declared.value);
    case "enumType":
      return typeof value === "string" ? { kind: "choice", text: value } : undefined;
    case "collectionType":
      if (!isJsonArray(value)) return undefined;
      return { kind: "list", items: value, itemType: declared.value };
    case "mapValueType":
      if (!isJsonObject(value)) return undefined;
      return { kind: "record", entries: Object.entries(value), valueType: declared.value };
    case "unionType":
      return byType(value, variantOf(value, declared.value.variants));
    case "blob":
      return declared.value.dimensionality === BlobType_BlobDimensionality.MULTIPART
        ? toReference(value, "directory")
        : toReference(value, "file");
    case "structuredDatasetType":
      return toReference(value, "dataset");
    case "schema":
      return toReference(value, "schema");
    default:
      return undefined;
  }
}

function bySimpleType(value: JsonValue, simple: SimpleType): ValueKind | undefined {
  switch (simple) {
    case SimpleType.FLOAT:
      // NaN and the infinities, which are no JSON numbers.
      return typeof value === "string" ? { kind: "number", text: value } : undefined;
    case SimpleType.DATETIME:
      return typeof value === "string" ? toDatetime(value) : undefined;
    case SimpleType.DURATION:
      return typeof value === "number" ? { kind: "duration", seconds: value } : undefined;
    case SimpleType.BINARY:
      return isJsonObject(value) ? toBytes(value) : undefined;
    case SimpleType.ERROR:
      return isJsonObject(value) ? toError(value) : undefined;
    default:
      return undefined;
  }
}

function toDatetime(text: string): ValueKind | undefined {
  const instant = parseDatetime(text);
  if (instant === undefined) return undefined;
  // A date is the same day everywhere, and so not put into the reader's zone.
  const at = text.length === 10 ? undefined : new Date(Number(instant.seconds) * 1_000);
  return { kind: "datetime", text, at };
}

function toBytes(value: JsonObject): ValueKind | undefined {
  const base64 = textOf(value, "base64");
  if (base64 === undefined) return undefined;
  const isPickle = textOf(value, "format") === "PythonPickle";
  const what = isPickle ? "Python pickle, which only Python can read" : textOf(value, "tag");
  return { kind: "bytes", base64, what: what ?? "" };
}

function toError(value: JsonObject): ValueKind | undefined {
  const message = textOf(value, "message");
  if (message === undefined) return undefined;
  return { kind: "error", message, node: textOf(value, "failed_node_id") ?? "" };
}

function toReference(value: JsonValue, what: string): ValueKind | undefined {
  if (!isJsonObject(value)) return undefined;
  const uri = textOf(value, "path") ?? textOf(value, "uri");
  if (uri === undefined) return undefined;
  const format = textOf(value, "format") ?? "";
  const hash = textOf(value, "hash") ?? "";
  const isPickle = format === "PythonPickle";
  const words = isPickle ? "Python pickle, which only Python can read" : what;
  return { kind: "reference", what: words, uri, format: isPickle ? "" : format, hash };
}

/** What was too large to stay in its literal, whatever its type. */
function toOffloaded(value: JsonObject): ValueKind | undefined {
  if (textOf(value, "format") !== "offloaded" || !Object.hasOwn(value, "size_bytes")) {
    return undefined;
  }
  const uri = textOf(value, "uri");
  if (uri === undefined) return undefined;
  const what = `kept outside, ${String(value["size_bytes"])} bytes`;
  return { kind: "reference", what, uri, format: "", hash: "" };
}

/** The variant that fits a value best; undefined where several do. */
function variantOf(value: JsonValue, variants: readonly LiteralType[]): LiteralType | undefined {
  const ranks = variants.map((variant) => unionRank(value, variant));
  const best = Math.min(...ranks);
  const fitting = variants.filter((_, index) => ranks[index] === best);
  return best < 3 && fitting.length === 1 ? fitting[0] : undefined;
}

function textOf(value: JsonObject, key: string): string | undefined {
  const text = ownValue(value, key);
  return typeof text === "string" ? text : undefined;
}

/** Bytes that a base64 text stands for. */
export function sizeOfBase64(base64: string): number {
  return Math.floor((base64.replace(/={1,2}$/, "").length * 3) / 4);
}

/** Whether a list is best read as a table of its records. */
export function columnsOf(items: readonly JsonValue[]): readonly string[] | undefined {
  if (items.length === 0 || !items.every(isJsonObject)) return undefined;
  const columns = new Set<string>();
  for (const item of items) {
    for (const key of Object.keys(item)) columns.add(key);
    if (columns.size > mostColumns) return undefined;
  }
  return columns.size === 0 ? undefined : [...columns];
}

/** With more a table is no help. */
const mostColumns = 24;
