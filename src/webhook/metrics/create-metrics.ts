import type { FastifyInstance } from "fastify";
import type { RequestObserver } from "../record/request-record.ts";
import type { ResolvedOptions } from "../resolve-options.ts";

/** Counts and measures requests for `/metrics`. */
export function createMetrics(
  _app: FastifyInstance,
  _options: ResolvedOptions,
): RequestObserver | undefined {
  return undefined;
}
