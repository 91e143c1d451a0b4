import { Code } from "@connectrpc/connect";
import type { EndpointName } from "../../../src/webhook/endpoint.ts";
import type { ConformanceCase, ExpectedProblem } from "./conformance-case.ts";

interface Family {
  readonly endpoint: EndpointName;
  readonly line: (run: string) => string;
  /** A run that may be seen, and others that may not: always, or when there is a task allowlist. */
  readonly seen: string;
  readonly hidden: readonly string[];
  readonly always: boolean;
  readonly calls: readonly string[];
  readonly body: object;
  /** What the default mode has in the body, too. */
  readonly more?: object;
  /** The original's status of every failure, and its words before the control plane's. */
  readonly failed: readonly [status: number, words: (run: string) => string];
}

const lookup = "getRunDetails";
const io = [lookup, "getActionData"];
const abort = [lookup, "abortRun", lookup];
const hidden = ["r-absent", "run-of-other", "run-of-unknown"];
const reason = "Aborted via webhook API";

const plain = { seen: "run-of-allowed", hidden, always: false };
const prefetch = { seen: "run-of-prefetch", hidden: [...hidden, "run-of-allowed"], always: true };
const aborted = (name: string) => ({ name, status: "abort_requested", reason });
/** What the default mode tells beside that. */
const after = { phase: "running", done: false };
const state = (name: string) => ({
  name,
  phase: "running",
  url: `URL/v2/domain/development/project/flytesnacks/runs/${name}`,
  done: false,
});

const families: readonly Family[] = [
  {
    ...plain,
    endpoint: "get_run",
    line: (run) => `GET /run/${run}`,
    calls: [lookup],
    body: state("run-of-allowed"),
    failed: [404, (run) => `Run ${run} not found`],
  },
  {
    ...plain,
    endpoint: "get_run_io",
    line: (run) => `GET /run/${run}/io`,
    calls: io,
    body: { name: "run-of-allowed", inputs: {}, outputs: null },
    failed: [404, (run) => `Run ${run} not found or I/O unavailable`],
  },
  {
    ...plain,
    endpoint: "abort_run",
    line: (run) => `POST /run/${run}/abort`,
    calls: abort,
    body: aborted("run-of-allowed"),
    more: after,
    failed: [500, (run) => `Failed to abort run ${run}`],
  },
  {
    ...prefetch,
    endpoint: "get_prefetch_hf_model",
    line: (run) => `GET /prefetch/hf-model/${run}`,
    calls: [lookup],
    body: state("run-of-prefetch"),
    failed: [404, (run) => `Prefetch run ${run} not found`],
  },
  {
    ...prefetch,
    endpoint: "get_prefetch_hf_model_io",
    line: (run) => `GET /prefetch/hf-model/${run}/io`,
    calls: [lookup, ...io],
    body: { name: "run-of-prefetch", phase: "running", inputs: {}, outputs: null },
    failed: [404, (run) => `Prefetch run ${run} not found or I/O unavailable`],
  },
  {
    ...prefetch,
    endpoint: "abort_prefetch_hf_model",
    line: (run) => `POST /prefetch/hf-model/${run}/abort`,
    calls: [lookup, ...abort],
    body: aborted("run-of-prefetch"),
    more: after,
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

/** Runs that may not be seen read like absent ones, whatever the control plane says of those. */
function absences({ endpoint, line, hidden, always, failed }: Family): readonly ConformanceCase[] {
  const [status, words] = failed;
  const absent = (run: string, why: string, fenced: boolean): ConformanceCase => ({
    endpoint,
    when: `the run is ${run}${fenced ? ", behind an allowlist" : ""}`,
    request: line(run),
    ...(fenced && { fenced }),
    calls: [lookup],
    ours: { status: 404, code: "not_found", detail: `Run ${run} not found` },
    upstream: { status, detail: `${words(run)}: ${why}` },
  });
  return [
    ...hidden.map((run) => absent(run, "not found", true)),
    ...(always
      ? hidden.map((run) => absent(run, "not found", false))
      : [absent("r-absent", "no run r-absent in shard 7", false)]),
  ];
}

function casesOf(family: Family): readonly ConformanceCase[] {
  const { endpoint, line, seen, calls, body, more, failed, always } = family;
  const [status, words] = failed;
  // Where runs are hidden, a refusal would tell that there is one.
  const refused = { status: 404, code: "not_found", detail: `Run ${seen} not found` } as const;
  return [
    {
      endpoint,
      when: "the run is there",
      request: line(seen),
      calls,
      ...(more !== undefined && { ours: { status: 200, body: { ...body, ...more } } }),
      upstream: { status: 200, body },
    },
    ...absences(family),
    ...codes.map(([code, ours]): ConformanceCase => {
      const isHidden = always && code === Code.PermissionDenied;
      return {
        endpoint,
        when: `the run cannot be read: ${Code[code]}`,
        request: line(seen),
        failing: { getRunDetails: [code, "because"] },
        calls: [lookup],
        ours: isHidden ? refused : ours,
        upstream: { status, detail: `${words(seen)}: ${isHidden ? "not found" : "because"}` },
      };
    }),
  ];
}

function abortCasesOf({ endpoint, line, seen, calls, failed }: Family): readonly ConformanceCase[] {
  const [status, words] = failed;
  return [
    {
      endpoint,
      when: "a reason is given",
      request: `${line(seen)}?reason=too%20slow%20%E2%80%A6`,
      calls,
      ours: { status: 200, body: { ...aborted(seen), reason: "too slow …", ...after } },
      upstream: { status: 200, body: { ...aborted(seen), reason: "too slow …" } },
    },
    {
      endpoint,
      when: "the run may not be aborted",
      request: line(seen),
      failing: { abortRun: [Code.PermissionDenied, "not yours"] },
      calls: calls.slice(0, -1),
      ours: { status: 403, code: "permission_denied", detail: "not yours" },
      upstream: { status, detail: `${words(seen)}: not yours` },
    },
    {
      endpoint,
      when: "the run is gone when it is aborted",
      request: line(seen),
      failing: { abortRun: [Code.NotFound, "gone"] },
      calls,
      ours: { status: 200, body: { ...aborted(seen), ...after } },
      upstream: { status: 200, body: aborted(seen) },
    },
  ];
}

export const runCases: readonly ConformanceCase[] = [
  ...families.flatMap(casesOf),
  ...families.filter(({ line }) => line("x").endsWith("/abort")).flatMap(abortCasesOf),
];
