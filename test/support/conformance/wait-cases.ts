import { Code } from "@connectrpc/connect";
import type { ConformanceCase } from "./conformance-case.ts";

const endpoint = "run_task_and_wait";
const wait = "POST /run-task-and-wait/development/flytesnacks";
const url = "URL/v2/domain/development/project/flytesnacks/runs/rnew";
const started = ["listTasks", "getTaskDetails", "uploadInputs", "createRun"];
const common = { endpoint, body: { x: 1 } } as const;

/** The original has no such endpoint: both modes do the same, each in its own words. */
export const waitCases: readonly ConformanceCase[] = [
  {
    ...common,
    when: "the run ends within the time",
    request: `${wait}/cached.main`,
    calls: [...started, "getRunDetails", "getActionData"],
    upstream: {
      status: 200,
      body: { url, name: "rnew", phase: "succeeded", done: true, outputs: null },
    },
  },
  {
    ...common,
    when: "there is no time to wait",
    request: `${wait}/allowed.main?wait=0`,
    calls: started,
    upstream: {
      status: 202,
      body: { url, name: "rnew", phase: "running", done: false, wait: 0 },
    },
  },
  {
    ...common,
    when: "the outputs cannot be read",
    request: `${wait}/cached.main`,
    failing: { getActionData: [Code.PermissionDenied, "not yours"] },
    calls: [...started, "getRunDetails", "getActionData"],
    upstream: {
      status: 200,
      body: {
        ...{ url, name: "rnew", phase: "succeeded", done: true, outputs: null },
        outputs_error: "not yours",
      },
    },
  },
  {
    ...common,
    when: "the run cannot be started",
    request: `${wait}/allowed.main`,
    failing: { createRun: [Code.PermissionDenied, "no runs for you"] },
    calls: started,
    ours: { status: 403, code: "permission_denied", detail: "no runs for you" },
    upstream: { status: 403, detail: "Failed to create run: no runs for you" },
  },
  {
    ...common,
    when: "the task is not in the allowlist",
    request: `${wait}/other.main`,
    fenced: true,
    calls: [],
    ours: { status: 403, code: "not_allowlisted" },
    upstream: {
      status: 403,
      detail: "Task development/flytesnacks/other.main is not in the allowlist",
    },
  },
];
