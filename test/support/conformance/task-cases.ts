import { Code } from "@connectrpc/connect";
import type { ConformanceCase } from "./conformance-case.ts";

const task = "development/flytesnacks/allowed.main";
const run = `POST /run-task/${task}`;
const read = `GET /task/${task}`;
const found = ["listTasks", "getTaskDetails"];
const started = [...found, "uploadInputs", "createRun"];
const denied = "Task production/flytesnacks/allowed.main is not in the allowlist";
const described = {
  name: "allowed.main",
  version: "v1",
  task_type: "typescript",
  required_args: ["x"],
  default_input_args: [],
  cache: { behavior: "disable", version_override: null, serialize: false },
  secrets: [],
};

/** The failures of reading a task, of both endpoints. */
const reading = (["run_task", "get_task"] as const).flatMap((endpoint): ConformanceCase[] => {
  const path = endpoint === "run_task" ? "POST /run-task" : "GET /task";
  const common = { endpoint, ...(endpoint === "run_task" && { body: { x: 1 } }) };
  return [
    {
      ...common,
      when: "no version of the task is there",
      request: `${path}/development/flytesnacks/absent.main`,
      calls: ["listTasks"],
      ours: { status: 404, code: "not_found" },
      upstream: {
        status: 404,
        detail: "Task absent.main with version latest in development/flytesnacks not found",
      },
    },
    {
      ...common,
      when: "the version of the task is not there",
      request: `${path}/development/flytesnacks/absent.main?version=v7`,
      calls: ["getTaskDetails"],
      ours: { status: 404, code: "not_found" },
      upstream: {
        status: 404,
        detail: "Task absent.main with version v7 in development/flytesnacks not found",
      },
    },
    {
      ...common,
      when: "tasks may not be listed",
      request: `${path}/${task}`,
      failing: { listTasks: [Code.PermissionDenied, "no listing for you"] },
      calls: ["listTasks"],
      ours: { status: 403, code: "permission_denied" },
      upstream: { status: 500, detail: "no listing for you" },
    },
    {
      ...common,
      when: "the task cannot be read just now",
      request: `${path}/${task}?version=v8`,
      failing: { getTaskDetails: [Code.Unavailable, "db down"] },
      calls: ["getTaskDetails"],
      ours: {
        status: 503,
        code: "unavailable",
        detail: "The control plane cannot be reached. Try again later.",
      },
      upstream: { status: 500, detail: "db down" },
    },
    {
      ...common,
      when: "the task is not in the allowlist",
      request: `${path}/production/flytesnacks/allowed.main`,
      fenced: true,
      calls: [],
      ours: { status: 403, code: "not_allowlisted" },
      upstream: { status: 403, detail: denied },
    },
    {
      ...common,
      when: "the form is wrong, too, the allowlist is not asked",
      request: `${path}/production/flytesnacks/allowed.main`,
      fenced: true,
      calls: [],
      ...(endpoint === "run_task"
        ? {
            body: [],
            ours: { status: 422, code: "invalid_request", faults: ["body"] },
            upstream: {
              status: 422,
              detail: [
                {
                  type: "dict_type",
                  loc: ["body"],
                  msg: "Input should be a valid dictionary",
                  input: [],
                },
              ],
            },
          }
        : {
            ours: { status: 403, code: "not_allowlisted" },
            upstream: { status: 403, detail: denied },
          }),
    } as ConformanceCase,
  ];
});

export const taskCases: readonly ConformanceCase[] = [
  {
    endpoint: "run_task",
    when: "everything is there",
    request: `${run}`,
    body: { x: 1 },
    calls: started,
    upstream: {
      status: 200,
      body: { url: "URL/v2/domain/development/project/flytesnacks/runs/rnew", name: "rnew" },
    },
  },
  {
    endpoint: "get_task",
    when: "everything is there",
    request: read,
    calls: found,
    upstream: { status: 200, body: described },
  },
  {
    endpoint: "get_task",
    when: "a version is named, and not as in the body",
    request: `${read}?version=v7`,
    calls: ["getTaskDetails"],
    upstream: { status: 200, body: { ...described, version: "v7" } },
  },
  ...reading,
];
