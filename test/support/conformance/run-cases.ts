import { Code } from "@connectrpc/connect";
import type { EndpointName } from "../../../src/webhook/endpoint.ts";
import type { ConformanceCase, ExpectedProblem } from "./conformance-case.ts";

interface Family {
  readonly endpoint: EndpointName;
  readonly line: (run: string) => string;
  readonly calls: readonly string[];
  readonly body: unknown;
  /** The original's status of every failure, and its words before the control plane's. */
  readonly failed: readonly [status: number, words: (run: string) => string];
}

const url = "URL/v2/domain/development/project/flytesnacks/runs/run-of-allowed";
const state = { name: "run-of-allowed", phase: "running", url, done: false };
const reason = "Aborted via webhook API";
const aborted = { name: "run-of-allowed", status: "abort_requested", reason };
const io = ["getRunDetails", "getActionData"];
const abort = ["getRunDetails", "abortRun", "getRunDetails"];

const families: readonly Family[] = [
  {
    endpoint: "get_run",
    line: (run) => `GET /run/${run}`,
    calls: ["getRunDetails"],
    body: state,
    failed: [404, (run) => `Run ${run} not found`],
  },
  {
    endpoint: "get_run_io",
    line: (run) => `GET /run/${run}/io`,
    calls: io,
    body: { name: "run-of-allowed", inputs: {}, outputs: null },
    failed: [404, (run) => `Run ${run} not found or I/O unavailable`],
  },
  {
    endpoint: "abort_run",
    line: (run) => `POST /run/${run}/abort`,
    calls: abort,
    body: aborted,
    failed: [500, (run) => `Failed to abort run ${run}`],
  },
  {
    endpoint: "get_prefetch_hf_model",
    line: (run) => `GET /prefetch/hf-model/${run}`,
    calls: ["getRunDetails"],
    body: state,
    failed: [404, (run) => `Prefetch run ${run} not found`],
  },
  {
    endpoint: "get_prefetch_hf_model_io",
    line: (run) => `GET /prefetch/hf-model/${run}/io`,
    calls: io,
    body: { name: "run-of-allowed", phase: "running", inputs: {}, outputs: null },
    failed: [404, (run) => `Prefetch run ${run} not found or I/O unavailable`],
  },
  {
    endpoint: "abort_prefetch_hf_model",
    line: (run) => `POST /prefetch/hf-model/${run}/abort`,
    calls: abort,
    body: aborted,
    failed: [500, (run) => `Failed to abort prefetch run ${run}`],
  },
];

/** What every code of a control plane becomes here; the original makes no difference. */
const codes: readonly (readonly [Code, ExpectedProblem])[] = [
  [Code.PermissionDenied, { status: 403, code: "permission_denied", detail: "because" }],
  [
    Code.Unauthenticated,
    {
      status: 401,
      code: "unauthenticated",
      detail: "The control plane did not accept the credentials.",
    },
  ],
  [
    Code.Unavailable,
    {
      status: 503,
      code: "unavailable",
      detail: "The control plane cannot be reached. Try again later.",
    },
  ],
  [
    Code.ResourceExhausted,
    {
      status: 429,
      code: "exhausted",
      detail: "The control plane asks for fewer requests. Try again later.",
    },
  ],
  [Code.Unimplemented, { status: 501, code: "unimplemented", detail: "because" }],
];

function casesOf({ endpoint, line, calls, body, failed }: Family): readonly ConformanceCase[] {
  const [status, words] = failed;
  const absent = { status: 404, code: "not_found", detail: "" } as const;
  const outside = (run: string): ConformanceCase => ({
    endpoint,
    when: `there is a task allowlist and the run is ${run}`,
    request: line(run),
    fenced: true,
    calls: ["getRunDetails"],
    ours: { ...absent, detail: `Run ${run} not found` },
    upstream: { status, detail: `${words(run)}: not found` },
  });
  return [
    {
      endpoint,
      when: "the run is there",
      request: line("run-of-allowed"),
      calls,
      upstream: { status: 200, body },
    },
    {
      endpoint,
      when: "the run is not there",
      request: line("r-absent"),
      calls: ["getRunDetails"],
      ours: { ...absent, detail: "Run r-absent not found" },
      upstream: { status, detail: `${words("r-absent")}: no run r-absent in shard 7` },
    },
    outside("r-absent"),
    outside("run-of-other"),
    outside("run-of-unknown"),
    ...codes.map(
      ([code, ours]): ConformanceCase => ({
        endpoint,
        when: `the run cannot be read: ${Code[code]}`,
        request: line("run-of-allowed"),
        failing: { getRunDetails: [code, "because"] },
        calls: ["getRunDetails"],
        ours,
        upstream: { status, detail: `${words("run-of-allowed")}: because` },
      }),
    ),
  ];
}

export const runCases: readonly ConformanceCase[] = [
  ...families.flatMap(casesOf),
  ...families
    .filter(({ line }) => line("x").endsWith("/abort"))
    .flatMap(({ endpoint, line, calls, failed: [status, words] }): readonly ConformanceCase[] => [
      {
        endpoint,
        when: "a reason is given",
        request: `${line("run-of-allowed")}?reason=too%20slow%20%E2%80%A6`,
        calls,
        upstream: { status: 200, body: { ...aborted, reason: "too slow …" } },
      },
      {
        endpoint,
        when: "the run may not be aborted",
        request: line("run-of-allowed"),
        failing: { abortRun: [Code.PermissionDenied, "not yours"] },
        calls: ["getRunDetails", "abortRun"],
        ours: { status: 403, code: "permission_denied", detail: "not yours" },
        upstream: { status, detail: `${words("run-of-allowed")}: not yours` },
      },
      {
        endpoint,
        when: "the run is gone when it is aborted",
        request: line("run-of-allowed"),
        failing: { abortRun: [Code.NotFound, "gone"] },
        calls,
        upstream: { status: 200, body: aborted },
      },
    ]),
];
