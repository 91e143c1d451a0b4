import type { ConformanceCase } from "./conformance-case.ts";

const endpoints = [
  ["get_run_events", "events"],
  ["get_run_logs", "logs"],
] as const;

/** What they answer is a stream, which has tests of its own; what keeps one from being begun is here. */
export const liveCases: readonly ConformanceCase[] = endpoints.flatMap(([endpoint, what]) => [
  ...["run-of-other", "run-of-unknown", "r-absent"].map(
    (run): ConformanceCase => ({
      endpoint,
      when: `the run is ${run} and runs are fenced`,
      request: `GET /run/${run}/${what}`,
      fenced: true,
      calls: ["getRunDetails"],
      ours: { status: 404, code: "not_found", detail: `Run ${run} not found` },
      upstream: { status: 404, detail: "not found" },
    }),
  ),
  {
    endpoint,
    when: "the form that is asked for is none",
    request: `GET /run/run-of-allowed/${what}?format=xml`,
    calls: [],
    ours: { status: 422, code: "invalid_request", faults: ["query.format"] },
    upstream: {
      status: 422,
      detail: `query.format is none of: ${what === "logs" ? "text, " : ""}sse, ndjson`,
    },
  },
]);
