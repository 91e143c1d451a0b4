import type { FastifyInstance } from "fastify";
import type { RequestObserver } from "../record/request-record.ts";
import type { ResolvedOptions } from "../resolve-options.ts";

/** Makes an OpenTelemetry span of each request. */
export function createTracing(
  _app: FastifyInstance,
  _options: ResolvedOptions,
): RequestObserver | undefined {
  return undefined;
}
