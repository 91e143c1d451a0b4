import type { ConformanceCase } from "./conformance-case.ts";

const scope = { domain: "development", project: "flytesnacks" };
const url = "URL/v2/domain/development/project/flytesnacks/runs/rnew";
const started = { url, name: "rnew" };
const start = ["uploadInputs", "createRun"];
const rerun = ["getRunDetails", "getRunDetails", "getTaskDetails", "getActionData"];

/** The original has none of these: both modes do the same, each in its own words. */
export const startCases: readonly ConformanceCase[] = [
  {
    endpoint: "rerun_run",
    when: "the run is of an allowed task",
    request: "POST /run/run-of-allowed/rerun",
    body: { x: 2 },
    fenced: true,
    calls: [...rerun, ...start],
    upstream: { status: 200, body: started },
  },
  {
    endpoint: "rerun_run",
    when: "the run is of another task",
    request: "POST /run/run-of-other/rerun",
    fenced: true,
    calls: ["getRunDetails"],
    ours: { status: 404, code: "not_found", detail: "Run run-of-other not found" },
    upstream: { status: 404, detail: "not found" },
  },
  {
    endpoint: "rerun_run",
    when: "the run tells no task",
    request: "POST /run/run-of-unknown/rerun",
    calls: ["getRunDetails", "getRunDetails"],
    ours: { status: 400, code: "precondition_failed" },
    upstream: {
      status: 400,
      detail:
        "Run run-of-unknown is of no registered task, so that it cannot be started again. Register the task, and start a run of it.",
    },
  },
  {
    endpoint: "run_tasks",
    when: "each of its tasks may be run",
    request: "POST /run-tasks",
    body: { runs: [{ ...scope, name: "allowed.main", inputs: { x: 1 } }] },
    fenced: true,
    calls: ["listTasks", "getTaskDetails", ...start],
    upstream: {
      status: 200,
      body: { runs: [{ status: 200, ...started }], started: 1, failed: 0 },
    },
  },
  {
    endpoint: "run_tasks",
    when: "an item is wrong in its form",
    request: "POST /run-tasks",
    body: {
      runs: [
        { ...scope, name: "allowed.main" },
        { ...scope, name: "a/b" },
      ],
    },
    calls: [],
    ours: { status: 422, code: "invalid_request", faults: ["body.runs[1].name"] },
    upstream: {
      status: 422,
      detail: "body.runs[1].name must not hold a slash or a backslash",
    },
  },
];
