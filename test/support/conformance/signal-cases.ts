import { Code } from "@connectrpc/connect";
import type { ConformanceCase } from "./conformance-case.ts";

const run = "run-of-allowed";
const path = `/run/${run}/condition/approve/signal`;
const found = ["getRunDetails", "listActions", "getActionDetails"];
const waiting = {
  condition: "approve",
  action: "c1",
  parent: "a0",
  type: "boolean",
  prompt: "Approve?",
  prompt_type: "text",
  description: "",
  phase: "paused",
  open: true,
  since: "2026-05-01T08:00:00.000Z",
  deadline: null,
  ended_at: null,
  value: null,
  signalled_by: null,
};
const signalled = {
  ...waiting,
  phase: "succeeded",
  open: false,
  ended_at: "2026-05-01T08:01:00.000Z",
  value: true,
  signalled_by: "ada",
};
const hidden = { code: "not_found", status: 404 } as const;

/** The original has no such endpoints: both modes do the same, each in its own words. */
export const signalCases: readonly ConformanceCase[] = [
  {
    endpoint: "get_conditions",
    when: "the run is there",
    request: `GET /run/${run}/conditions`,
    fenced: true,
    calls: found,
    upstream: { status: 200, body: { name: run, conditions: [waiting] } },
  },
  {
    endpoint: "signal_condition",
    when: "it waits",
    request: `POST ${path}`,
    body: { value: true },
    fenced: true,
    calls: [...found, "signalEvent", "getActionDetails"],
    upstream: { status: 200, body: { name: run, ...signalled } },
  },
  ...(["run-of-other", "run-of-unknown", "r-absent"] as const).flatMap(
    (other): readonly ConformanceCase[] =>
      [
        ["get_conditions", `GET /run/${other}/conditions`],
        ["signal_condition", `POST /run/${other}/condition/approve/signal`],
      ].map(([endpoint, request = ""]) => ({
        endpoint: endpoint === "get_conditions" ? "get_conditions" : "signal_condition",
        when: `the run is ${other} and runs are fenced`,
        request,
        ...(endpoint === "signal_condition" && { body: { value: true } }),
        fenced: true,
        calls: ["getRunDetails"],
        ours: { ...hidden, detail: `Run ${other} not found` },
        upstream: { status: 404, detail: "not found" },
      })),
  ),
  {
    endpoint: "signal_condition",
    when: "there is no such condition",
    request: `POST /run/${run}/condition/other/signal`,
    body: { value: true },
    calls: found,
    ours: { status: 404, code: "not_found" },
    upstream: {
      status: 404,
      detail: `Run ${run} has no condition "other". It waits for "approve".`,
    },
  },
  {
    endpoint: "signal_condition",
    when: "the value is of another type",
    request: `POST ${path}`,
    body: { value: 1 },
    calls: found,
    ours: { status: 400, code: "invalid_input", faults: ["value"] },
    upstream: {
      status: 400,
      detail:
        'value: condition "approve" takes a value of type boolean: expected true or false, got 1',
    },
  },
  {
    endpoint: "signal_condition",
    when: "the caller may not signal",
    request: `POST ${path}`,
    body: { value: true },
    failing: { signalEvent: [Code.PermissionDenied, "not yours"] },
    calls: [...found, "signalEvent"],
    ours: { status: 403, code: "permission_denied" },
    upstream: { status: 403, detail: "not yours" },
  },
  {
    endpoint: "signal_condition",
    when: "signals are not known to the control plane",
    request: `POST ${path}`,
    body: { value: true },
    failing: { signalEvent: [Code.Unimplemented, "no signals here"] },
    calls: [...found, "signalEvent"],
    ours: { status: 501, code: "unimplemented" },
    upstream: { status: 501, detail: "no signals here" },
  },
];
