import { fromBinary } from "@bufbuild/protobuf";
import { LRUCache } from "lru-cache";
import { type TaskSpec, TaskSpecSchema } from "../../idl/tasks.ts";
import type { Database } from "../store/database.ts";
import { findTaskSpec } from "../store/tasks.ts";

const maxBytes = 16 * 1024 * 1024;
const decoded = new WeakMap<Database, LRUCache<string, TaskSpec>>();

/**
 * A stored task specification, decoded once for as long as it is in use: a digest never comes to
 * mean another one. What is handed out is shared: read it, never write to it.
 */
export function readTaskSpec(database: Database, digest: string): TaskSpec | undefined {
  let cache = decoded.get(database);
  if (cache === undefined) {
    cache = new LRUCache({ max: 1_000, maxSize: maxBytes });
    decoded.set(database, cache);
  }
  const cached = cache.get(digest);
  if (cached !== undefined) return cached;
  const bytes = findTaskSpec(database, digest);
  if (bytes === undefined) return undefined;
  const spec = fromBinary(TaskSpecSchema, bytes);
  cache.set(digest, spec, { size: bytes.length + 1 });
  return spec;
}
