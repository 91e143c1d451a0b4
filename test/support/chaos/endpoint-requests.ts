import type { EndpointName } from "../../../src/webhook/endpoint.ts";
import { endpoints } from "../../../src/webhook/endpoints.ts";
import { conformanceCases } from "../conformance/conformance-cases.ts";

/** A request that an endpoint answers with success when nothing is in its way. */
export interface GoodRequest {
  readonly endpoint: EndpointName;
  /** The request line without its version. */
  readonly request: string;
  readonly body?: unknown;
}

/** Those whose cases are in tests of their own. */
const others: readonly GoodRequest[] = [
  { endpoint: "get_run_events", request: "GET /run/run-of-cached/events" },
  { endpoint: "get_run_logs", request: "GET /run/run-of-cached/logs?follow=false" },
  { endpoint: "ready", request: "GET /ready" },
  { endpoint: "metrics", request: "GET /metrics" },
  { endpoint: "inspect", request: "GET /inspect" },
];

/** A link asks what `signal_condition` asks; of the others failures are part of the answer, or only inspectors are answered. */
const leftOut: ReadonlySet<EndpointName> = new Set<EndpointName>([
  "create_signal_link",
  "inspect_decision",
  "inspect_deliveries",
  "replay_delivery",
  "inspect_audit",
]);

/** One for each endpoint that is tried. */
export const goodRequests: readonly GoodRequest[] = endpoints
  .filter(({ name }) => !leftOut.has(name))
  .map(({ name }) => {
    const known = others.find(({ endpoint }) => endpoint === name);
    const row = conformanceCases.find(
      ({ endpoint, upstream, ours, failing }) =>
        endpoint === name &&
        failing === undefined &&
        [200, 202].includes(upstream.status) &&
        [undefined, 200, 202].includes(ours?.status),
    );
    if (known !== undefined) return known;
    if (row === undefined) throw new Error(`${name} has no success`);
    return { endpoint: name, request: row.request, body: row.body };
  });
