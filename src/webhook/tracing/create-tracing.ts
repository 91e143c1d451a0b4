import type { FastifyInstance } from "fastify";
import { withTraceHeaders } from "../../client/trace-headers.ts";
import type { RequestObserver } from "../record/request-record.ts";
import type { ResolvedOptions } from "../resolve-options.ts";
import { createSpans } from "./spans.ts";
import { readTraceParent } from "./trace-parent.ts";

/**
 * Notes the trace that each request belongs to and passes it on to the control plane, and makes an OpenTelemetry
 * span of each request where the options ask for it.
 */
export function createTracing(
  app: FastifyInstance,
  options: ResolvedOptions,
): RequestObserver | undefined {
  app.addHook("onRequest", (request, _reply, done) => {
    const parent = readTraceParent(request.headers);
    if (parent === undefined) {
      done();
      return;
    }
    request.record.traceId = parent.traceId;
    withTraceHeaders(parent.headers, done);
  });
  return options.tracing ? createSpans(app, options) : undefined;
}
