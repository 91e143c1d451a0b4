import type { Endpoint } from "../endpoint.ts";
import { object, text } from "../json-schema.ts";

/** The endpoints of the group `ops`, for those who run the webhook. */
export const opsEndpoints: readonly Endpoint[] = [
  {
    name: "ready",
    group: "ops",
    added: true,
    method: "GET",
    path: "/ready",
    summary: "Tell whether requests should be sent here: whether the control plane can be reached",
    parameters: [],
    answer: object({ status: text }),
    example: { status: "ready" },
    fence: "none",
    public: true,
  },
  {
    name: "metrics",
    group: "ops",
    added: true,
    method: "GET",
    path: "/metrics",
    summary: "Read the metrics of the webhook, for Prometheus",
    parameters: [],
    answer: text,
    mediaType: "text/plain",
    example: "flyte_webhook_requests_in_flight 1\n",
    fence: "none",
    public: true,
  },
];
