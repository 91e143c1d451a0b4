import type { FastifyInstance } from "fastify";
import type { CallWatch, ObservedCall } from "../../client/call-observer.ts";
import { observeControlPlanes } from "../observe-control-planes.ts";
import type { ResolvedOptions } from "../resolve-options.ts";
import type { OpenTelemetry } from "./open-telemetry.ts";

/** Outcomes that are no fault of the call. */
const wellEnded: ReadonlySet<string> = new Set(["ok", "canceled"]);

/** Makes a span of each try of a call to the control plane, which gets to know of it. */
export function makeCallSpans(
  app: FastifyInstance,
  options: ResolvedOptions,
  opened: () => OpenTelemetry | undefined,
): void {
  observeControlPlanes(app, options, (call) => {
    const api = opened();
    return api === undefined ? undefined : startCallSpan(api, call);
  });
}

function startCallSpan(api: OpenTelemetry, call: ObservedCall): CallWatch | undefined {
  const { context, propagation, trace } = api;
  const active = context.active();
  const { service, method, attempt } = call;
  const { hostname, port, protocol } = new URL(call.baseUrl);
  const attributes = {
    "rpc.system": "connect_rpc",
    "rpc.service": service,
    "rpc.method": method,
    "server.address": hostname,
    "server.port": Number(port || (protocol === "https:" ? 443 : 80)),
    ...(attempt > 0 && { "http.request.resend_count": attempt }),
  };
  const kind = api.SpanKind.CLIENT;
  const tracer = trace.getTracer("flyte-webhook");
  const span = tracer.startSpan(`${service}/${method}`, { kind, attributes }, active);
  if (!api.isSpanContextValid(span.spanContext())) return undefined; // No SDK has been set up.
  const headers: Record<string, string> = {};
  propagation.inject(trace.setSpan(active, span), headers, { set: setHeader });
  return {
    headers,
    ended({ code }) {
      if (code !== "ok") span.setAttribute("rpc.connect_rpc.error_code", code);
      if (!wellEnded.has(code)) {
        span.setAttribute("error.type", code);
        span.setStatus({ code: api.SpanStatusCode.ERROR });
      }
      span.end();
    },
  };
}

/** What a propagator sends on of a request is not ours, and must not end the call. */
function setHeader(headers: Record<string, string>, name: string, value: string): void {
  if (/^[\w-]+$/.test(name) && /^[ -~]*$/.test(value)) headers[name.toLowerCase()] = value;
}
