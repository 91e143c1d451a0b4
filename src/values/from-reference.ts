import type { Blob, Schema, StructuredDataset } from "../idl/literals.ts";
import type { JsonObject } from "../shared/json.ts";

const pickleFormat = "PythonPickle";

/** Converts a file or directory to `{"path", "name", "format", "hash"}`, a pickle to `{"uri", "format"}`. */
export function blobToJson(blob: Blob, hash: string): JsonObject {
  const format = blob.metadata?.type?.format ?? "";
  const { uri } = blob;
  if (format === pickleFormat) return { uri, format, ...hashOf(hash) };
  return { path: uri, name: lastSegment(uri), format, hash: hash === "" ? null : hash };
}

/** Converts a structured dataset to `{"uri", "format"}`, with its hash if it has one. */
export function datasetToJson(dataset: StructuredDataset, hash: string): JsonObject {
  const format = dataset.metadata?.structuredDatasetType?.format ?? "";
  return { uri: dataset.uri, format, ...hashOf(hash) };
}

/** Converts a schema to `{"uri"}`, with its hash if it has one. */
export function schemaToJson({ uri }: Schema, hash: string): JsonObject {
  return { uri, ...hashOf(hash) };
}

function hashOf(hash: string): JsonObject {
  return hash === "" ? {} : { hash };
}

function lastSegment(uri: string): string {
  const path = uri.replace(/\/+$/, "");
  return path.slice(path.lastIndexOf("/") + 1);
}
