import type { Attributes, Span } from "@opentelemetry/api";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { exportsOf } from "../../shared/exports-of.ts";
import { httpMethods } from "../record/http-methods.ts";
import type { RequestObserver } from "../record/request-record.ts";
import type { ResolvedOptions } from "../resolve-options.ts";
import { makeCallSpans } from "./call-spans.ts";
import type { OpenTelemetry } from "./open-telemetry.ts";

/** Asked every few seconds by machines: spans of them would be most of all spans. */
const withoutSpan: ReadonlySet<string | undefined> = new Set(["health", "ready", "metrics"]);

/**
 * A span for each request and, below it, for each try of a call to the control plane, by the semantic conventions for
 * HTTP and RPC (https://opentelemetry.io/docs/specs/semconv/http/http-spans/). Paths and queries are in none: they
 * have names, and the secret of a link, in them; the route is.
 */
export function createSpans(app: FastifyInstance, options: ResolvedOptions): RequestObserver {
  const spans = new WeakMap<FastifyRequest, Span>();
  let api: OpenTelemetry | undefined;
  // Loaded here, so that those who make no spans do not pay for it.
  app.addHook("onReady", async () => {
    api = exportsOf(await import("@opentelemetry/api"), "SpanKind");
  });
  makeCallSpans(app, options, () => api);
  app.addHook("onRequest", (request, _reply, done) => {
    if (api === undefined || withoutSpan.has(request.record.endpoint)) {
      done();
      return;
    }
    const { context, propagation, trace, SpanKind, isSpanContextValid } = api;
    const active = context.active();
    // Instrumentation of the server may have made a span, which is the parent then.
    const parent =
      trace.getSpan(active) === undefined ? propagation.extract(active, request.headers) : active;
    const attributes = attributesOf(request);
    const { url } = request.routeOptions;
    const method = attributes["http.request.method"] === "_OTHER" ? "HTTP" : request.method;
    const name = request.is404 || url === undefined ? method : `${method} ${url}`;
    const tracer = trace.getTracer("flyte-webhook");
    const span = tracer.startSpan(name, { kind: SpanKind.SERVER, attributes }, parent);
    spans.set(request, span);
    const spanContext = span.spanContext();
    if (isSpanContextValid(spanContext)) request.record.traceId = spanContext.traceId;
    context.with(trace.setSpan(parent, span), done);
  });
  return {
    requestEnded(request, { status, aborted }) {
      const span = spans.get(request);
      if (span === undefined || api === undefined) return;
      span.setAttributes(outcomeOf(request, status, aborted));
      if (status >= 500) span.setStatus({ code: api.SpanStatusCode.ERROR });
      span.end();
    },
  };
}

function attributesOf({ method, id, protocol, is404, routeOptions }: FastifyRequest): Attributes {
  const { url } = routeOptions;
  return {
    "http.request.method": httpMethods.has(method) ? method : "_OTHER",
    "url.scheme": protocol,
    "flyte_webhook.request_id": id,
    ...(!is404 && url !== undefined && { "http.route": url }),
  };
}

function outcomeOf({ record }: FastifyRequest, status: number, aborted: boolean): Attributes {
  const { endpoint, problem, actsAs, runs } = record;
  return {
    "http.response.status_code": status,
    "flyte_webhook.acts_as": actsAs,
    ...(endpoint !== undefined && { "flyte_webhook.endpoint": endpoint }),
    ...(problem !== undefined && { "flyte_webhook.problem": problem }),
    ...(runs.length > 0 && { "flyte_webhook.runs": runs.map(({ name }) => name) }),
    ...(aborted && { "flyte_webhook.aborted": true }),
    ...(status >= 500 && { "error.type": problem ?? String(status) }),
  };
}
