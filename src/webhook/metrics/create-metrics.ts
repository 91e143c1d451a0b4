import type { FastifyInstance } from "fastify";
import { httpMethods } from "../record/http-methods.ts";
import type { RequestObserver } from "../record/request-record.ts";
import type { ResolvedOptions } from "../resolve-options.ts";
import { prometheusOf } from "./metrics-of.ts";
import { observeCalls } from "./observe-calls.ts";

/** What answers where no endpoint and no page does. */
const nothing = "none";

/** Counts and measures requests for `/metrics`. */
export function createMetrics(
  app: FastifyInstance,
  options: ResolvedOptions,
): RequestObserver | undefined {
  const metrics = prometheusOf(options);
  if (metrics === undefined) return undefined;
  app.addHook("onReady", () => metrics.load());
  observeCalls(app, options, metrics);
  const requests = metrics.counter(
    "flyte_webhook_requests_total",
    "Requests by endpoint, method and status of the answer.",
    ["endpoint", "method", "status"],
  );
  const durations = metrics.histogram(
    "flyte_webhook_request_duration_seconds",
    "Time from the head of a request to the end of its answer.",
    ["endpoint"],
  );
  const runs = metrics.counter(
    "flyte_webhook_runs_total",
    "Runs that requests and deliveries led to: started, or found because they were repeated.",
    ["outcome"],
  );
  let inFlight = 0;
  metrics.gauge(
    "flyte_webhook_requests_in_flight",
    "Requests that are being answered.",
    () => inFlight,
  );
  return {
    requestBegan() {
      inFlight += 1;
    },
    requestEnded(request, { status, durationMs }) {
      inFlight -= 1;
      const endpoint = request.record.endpoint ?? nothing;
      const method = httpMethods.has(request.method) ? request.method : "other";
      requests.add({ endpoint, method, status: String(status) });
      durations.observe(durationMs / 1000, { endpoint });
      for (const { isNew } of request.record.runs) {
        runs.add({ outcome: isNew ? "started" : "found" });
      }
    },
    refused({ status }) {
      requests.add({ endpoint: nothing, method: "other", status: String(status) });
    },
  };
}
