import type { ResolvedOptions } from "../resolve-options.ts";
import { type Metrics, noMetrics } from "./metrics.ts";
import { PrometheusMetrics } from "./prometheus-metrics.ts";

const all = new WeakMap<ResolvedOptions, PrometheusMetrics>();

/** The metrics of the webhook with these options; they count nothing where `/metrics` is not served. */
export function metricsOf(options: ResolvedOptions): Metrics {
  return prometheusOf(options) ?? noMetrics;
}

/** The same as they are printed; undefined where `/metrics` is not served. */
export function prometheusOf(options: ResolvedOptions): PrometheusMetrics | undefined {
  if (options.endpoints.every(({ name }) => name !== "metrics")) return undefined;
  let metrics = all.get(options);
  if (metrics === undefined) {
    metrics = new PrometheusMetrics();
    all.set(options, metrics);
  }
  return metrics;
}
