import type { FastifyInstance } from "fastify";
import { observeControlPlanes } from "../observe-control-planes.ts";
import type { ResolvedOptions } from "../resolve-options.ts";
import type { Metrics } from "./metrics.ts";

/** Counts and measures calls to the control plane for `/metrics`. */
export function observeCalls(
  app: FastifyInstance,
  options: ResolvedOptions,
  metrics: Metrics,
): void {
  const calls = metrics.counter(
    "flyte_webhook_rpcs_total",
    "Calls to the control plane by their outcome, each try counted; ok, or the code of the error.",
    ["service", "method", "code"],
  );
  const retries = metrics.counter(
    "flyte_webhook_rpc_retries_total",
    "Calls to the control plane that were tried again.",
    ["service", "method"],
  );
  const durations = metrics.histogram(
    "flyte_webhook_rpc_duration_seconds",
    "Time that one try of a call to the control plane took; a stream lasts until it is left.",
    ["service", "method"],
  );
  observeControlPlanes(app, options, ({ service, method, attempt }) => {
    const labels = { service, method };
    if (attempt > 0) retries.add(labels);
    return {
      ended({ code, durationMs }) {
        calls.add({ ...labels, code });
        durations.observe(durationMs / 1000, labels);
      },
    };
  });
}
