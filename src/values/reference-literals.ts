import { create } from "@bufbuild/protobuf";
import {
  BlobSchema,
  type BlobType,
  BlobType_BlobDimensionality,
  type Literal,
  SchemaSchema,
  type SchemaType,
  StructuredDatasetSchema,
  type StructuredDatasetType,
} from "../idl/literals.ts";
import { isJsonObject, type JsonValue, ownValue } from "../shared/json.ts";
import type { FaultLog } from "./fault-log.ts";
import { makeScalar } from "./make-literal.ts";
import { isWellFormed } from "./plain-values.ts";
import { refuseOthers } from "./simple-literals.ts";
import { printValue } from "./type-names.ts";

interface Reference {
  readonly uri: string;
  readonly format: string | undefined;
  readonly hash: string;
}

/** Converts `{"uri"|"path", "format"?, "dimensionality"?, "hash"?}` or a bare address to a file or directory. */
export function toBlob(value: JsonValue, type: BlobType, log: FaultLog): Literal | undefined {
  const keys = ["uri", "path", "name", "format", "dimensionality", "hash"];
  const reference = readReference(value, keys, log);
  if (reference === undefined) return undefined;
  const expected = BlobType_BlobDimensionality[type.dimensionality] ?? "SINGLE";
  const given = isJsonObject(value) ? (ownValue(value, "dimensionality") ?? expected) : expected;
  if (given !== expected) {
    return log.add(`expected ${printValue(expected)}, got ${printValue(given)}`, "dimensionality");
  }
  const blob = create(BlobSchema, {
    uri: reference.uri,
    metadata: {
      type: { format: reference.format ?? type.format, dimensionality: type.dimensionality },
    },
  });
  return makeScalar({ case: "blob", value: blob }, reference.hash);
}

/** Converts `{"uri", "format"?, "hash"?}` or a bare address to a structured dataset. */
export function toDataset(
  value: JsonValue,
  type: StructuredDatasetType,
  log: FaultLog,
): Literal | undefined {
  const reference = readReference(value, ["uri", "path", "format", "hash"], log);
  if (reference === undefined) return undefined;
  const dataset = create(StructuredDatasetSchema, {
    uri: reference.uri,
    metadata: { structuredDatasetType: { ...type, format: reference.format ?? type.format } },
  });
  return makeScalar({ case: "structuredDataset", value: dataset }, reference.hash);
}

/** Converts `{"uri", "hash"?}` or a bare address to a schema (the typed tables of older Flyte). */
export function toSchema(value: JsonValue, type: SchemaType, log: FaultLog): Literal | undefined {
  const reference = readReference(value, ["uri", "path", "hash"], log);
  if (reference === undefined) return undefined;
  const schema = create(SchemaSchema, { uri: reference.uri, type });
  return makeScalar({ case: "schema", value: schema }, reference.hash);
}

function readReference(
  value: JsonValue,
  keys: readonly string[],
  log: FaultLog,
): Reference | undefined {
  const object = isJsonObject(value) ? value : { uri: value };
  const uri = ownValue(object, "uri") ?? ownValue(object, "path");
  if (typeof uri !== "string" || uri === "") {
    return log.add(
      `expected an address like "s3://bucket/key" or {"uri": address}, got ${printValue(value)}`,
    );
  }
  if (!isWellFormed(uri) || /\p{Cc}/u.test(uri)) {
    return log.add("the address holds characters that no address may have");
  }
  if (uri.startsWith("flyte://")) {
    return log.add("flyte:// addresses cannot be resolved here, give the address in storage");
  }
  const format = readText(ownValue(object, "format"), "format", log);
  const hash = readText(ownValue(object, "hash"), "hash", log);
  if (format === false || hash === false || refuseOthers(value, keys, log)) return undefined;
  return { uri, format, hash: hash ?? "" };
}

/** A text that may be absent or null; false after a fault. */
function readText(
  value: JsonValue | undefined,
  key: string,
  log: FaultLog,
): string | undefined | false {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string" && isWellFormed(value)) return value;
  log.add(`expected a string, got ${printValue(value)}`, key);
  return false;
}
