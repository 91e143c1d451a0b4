import type { FastifyInstance } from "fastify";
import type { LiveStreams } from "../live/live-streams.ts";
import type { ResolvedOptions } from "../resolve-options.ts";
import type { Sample } from "./metrics.ts";
import { metricsOf } from "./metrics-of.ts";

/** Shows in the metrics what the parts of a webhook tell of themselves. */
export function watchParts(
  app: FastifyInstance,
  options: ResolvedOptions,
  streams: Pick<LiveStreams, "count">,
): void {
  const { slots, waits } = options;
  const metrics = metricsOf(options);
  metrics.gauge(
    "flyte_webhook_slots_in_use",
    "Requests that do work at this moment.",
    () => slots.counts.inUse,
  );
  metrics.gauge(
    "flyte_webhook_queue_length",
    "Requests that wait until others have done theirs.",
    () => slots.counts.waiting,
  );
  metrics.total(
    "flyte_webhook_overloaded_total",
    "Requests refused because too many waited (full, share of one caller) or for too long (late).",
    () => samples("reason", Object.entries(slots.counts.refused)),
    ["reason"],
  );
  metrics.gauge(
    "flyte_webhook_waiting_requests",
    "Requests that wait for a run.",
    () => waits.waiting,
  );
  metrics.gauge("flyte_webhook_run_watches", "Watches of runs for them.", () => waits.watches);
  metrics.total(
    "flyte_webhook_waits_refused_total",
    "Requests answered at once because too many waited for a run.",
    () => waits.turnedAway,
  );
  metrics.gauge(
    "flyte_webhook_live_streams",
    "Streams of events and logs that are open.",
    () => streams.count,
  );
  const { rateLimiter } = app;
  if (rateLimiter === undefined) return;
  metrics.total(
    "flyte_webhook_rate_limited_total",
    "Requests refused because they came too often, by the limit.",
    () => samples("policy", [...rateLimiter.counts.limited]),
    ["policy"],
  );
  metrics.total(
    "flyte_webhook_rate_limits_without_redis_total",
    "Decisions about limits made without the Redis that is configured.",
    () => rateLimiter.counts.withoutRedis,
  );
}

function samples(label: string, values: readonly (readonly [string, number])[]): readonly Sample[] {
  return values.map(([name, value]) => ({ labels: { [label]: name }, value }));
}
