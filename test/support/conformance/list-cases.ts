import { Code } from "@connectrpc/connect";
import { phases } from "../../../src/values/phases.ts";
import type { ConformanceCase } from "./conformance-case.ts";

const scope = { project: "flytesnacks", domain: "development" };
const folder = "URL/v2/domain/development/project/flytesnacks";

function run(name: string, task: string) {
  return {
    ...{ name, ...scope, phase: "running", done: false, url: `${folder}/runs/${name}` },
    task: { ...scope, name: task, version: "v1" },
    ...{ owner: null, attempts: 1, started_at: null, ended_at: null },
  };
}

const app = {
  ...{ name: "my-app", ...scope, revision: 3, phase: "active" },
  ...{ is_active: true, is_deactivated: false, endpoint: "https://my-app.example.com" },
  ...{ url: `${folder}/apps/my-app`, replicas: 0 },
};

const trigger = {
  ...{ task_name: "allowed.main", trigger_name: "nightly", ...scope, active: true },
  ...{ schedule: null, next_fire_at: null, last_fired_at: null },
  url: `${folder}/triggers/allowed.main/nightly`,
};

/** The original has no lists: both modes do the same, each in its own words. */
export const listCases: readonly ConformanceCase[] = [
  {
    endpoint: "list_runs",
    when: "an allowlist leaves runs of other tasks out, and those of unknown tasks",
    request: "GET /runs",
    fenced: true,
    calls: ["listRuns"],
    upstream: { status: 200, body: { runs: [run("run-of-allowed", "allowed.main")], next: null } },
  },
  {
    endpoint: "list_runs",
    when: "a page ends before the list does",
    request: "GET /runs?limit=1&after=1",
    calls: ["listRuns"],
    upstream: { status: 200, body: { runs: [run("run-of-other", "other.main")], next: "2" } },
  },
  {
    endpoint: "list_runs",
    when: "an allowlist leaves so much out that further pages are asked for",
    request: "GET /runs?limit=1&after=1",
    fenced: true,
    calls: ["listRuns", "listRuns", "listRuns"],
    upstream: { status: 200, body: { runs: [], next: null } },
  },
  {
    endpoint: "list_runs",
    when: "filters are none",
    request: "GET /runs?phase=done",
    calls: [],
    ours: { status: 400, code: "invalid_input", faults: ["query.phase[0]"] },
    upstream: {
      status: 400,
      detail: `query.phase[0]: is no phase; there are: ${phases.join(", ")}`,
    },
  },
  {
    endpoint: "list_runs",
    when: "the limit is too large",
    request: "GET /runs?limit=1000",
    calls: [],
    ours: { status: 400, code: "invalid_input" },
    upstream: { status: 400, detail: "limit is 1000; give a number from 1 to 200." },
  },
  {
    endpoint: "list_runs",
    when: "the control plane refuses",
    request: "GET /runs?project=secret",
    failing: { listRuns: [Code.PermissionDenied, "not yours"] },
    calls: ["listRuns"],
    ours: { status: 403, code: "permission_denied" },
    upstream: { status: 403, detail: "not yours" },
  },
  {
    endpoint: "list_tasks",
    when: "an allowlist leaves tasks out",
    request: "GET /tasks",
    fenced: true,
    calls: ["listTasks"],
    upstream: {
      status: 200,
      body: {
        tasks: [{ ...scope, name: "allowed.main", version: "v1", deployed_at: null }],
        next: null,
      },
    },
  },
  {
    endpoint: "list_apps",
    when: "an allowlist leaves apps out",
    request: "GET /apps",
    fenced: true,
    calls: ["listApps"],
    upstream: { status: 200, body: { apps: [app], next: null } },
  },
  {
    endpoint: "list_triggers",
    when: "an allowlist leaves triggers out",
    request: "GET /triggers",
    fenced: true,
    calls: ["listTriggers"],
    upstream: { status: 200, body: { triggers: [trigger], next: null } },
  },
  ...(
    [
      ["list_tasks", "/tasks", "listTasks"],
      ["list_apps", "/apps", "listApps"],
      ["list_triggers", "/triggers", "listTriggers"],
    ] as const
  ).map(
    ([endpoint, path, method]): ConformanceCase => ({
      endpoint,
      when: "the control plane refuses",
      request: `GET ${path}`,
      failing: { [method]: [Code.PermissionDenied, "not yours"] },
      calls: [method],
      ours: { status: 403, code: "permission_denied" },
      upstream: { status: 403, detail: "not yours" },
    }),
  ),
];
