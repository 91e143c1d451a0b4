import { expect, test } from "vitest";
import type { EndpointGroup, EndpointName } from "./endpoint.ts";
import { endpoints } from "./endpoints.ts";
import { type EndpointSelection, selectEndpoints } from "./select-endpoints.ts";

const names = (selection: EndpointSelection) => selectEndpoints(selection).map(({ name }) => name);

test("the table holds the original's eighteen endpoints at their addresses", () => {
  const original = endpoints.filter(({ added }) => added !== true);
  expect(original.map(({ name, method, path }) => `${name} ${method} ${path}`)).toEqual([
    "health GET /health",
    "me GET /me",
    "run_task POST /run-task/{domain}/{project}/{name}",
    "get_task GET /task/{domain}/{project}/{name}",
    "get_run GET /run/{name}",
    "get_run_io GET /run/{name}/io",
    "abort_run POST /run/{name}/abort",
    "get_app GET /app/{name}",
    "activate_app POST /app/{name}/activate",
    "deactivate_app POST /app/{name}/deactivate",
    "call_app POST /app/{name}/call",
    "activate_trigger POST /trigger/{task_name}/{trigger_name}/activate",
    "deactivate_trigger POST /trigger/{task_name}/{trigger_name}/deactivate",
    "build_image POST /build-image",
    "prefetch_hf_model POST /prefetch/hf-model",
    "get_prefetch_hf_model GET /prefetch/hf-model/{run_name}",
    "get_prefetch_hf_model_io GET /prefetch/hf-model/{run_name}/io",
    "abort_prefetch_hf_model POST /prefetch/hf-model/{run_name}/abort",
  ]);
});

test("every endpoint that names a run, task, app or trigger is fenced", () => {
  for (const { path, fence } of endpoints) {
    const wanted = /^\/(?:run|prefetch\/hf-model)\/\{/.test(path)
      ? "run"
      : /^\/(?:run-task|run-task-and-wait|task)\//.test(path)
        ? "task"
        : path.endsWith("/fire")
          ? "fire"
          : /^\/(?:runs|tasks|apps|triggers)$/.test(path)
            ? "list"
            : (/^\/(app|trigger)\//.exec(path)?.[1] ?? "none");
    expect(`${path} ${fence}`).toBe(`${path} ${wanted}`);
  }
});

test("without a selection, and with the group all, everything is served", () => {
  expect(names({})).toHaveLength(18);
  expect(names({ endpointGroups: ["all"] })).toHaveLength(18);
  expect(names({ endpointGroups: ["core", "all"] })).toHaveLength(18);
});

test("what the original does not have is served when it is named, and not with all", () => {
  expect(names({ endpointGroups: ["fire"] })).toEqual(["fire_trigger"]);
  expect(names({ endpoints: ["fire_trigger"] })).toEqual(["fire_trigger"]);
  expect(names({ endpointGroups: ["all", "fire"] })).toHaveLength(19);
});

test("groups are united", () => {
  expect(names({ endpointGroups: ["core"] })).toEqual(["health", "me"]);
  expect(names({ endpointGroups: ["task", "core", "task"] })).toEqual([
    "health",
    "me",
    "run_task",
    "get_task",
  ]);
});

test("endpoints can be chosen one by one", () => {
  expect(names({ endpoints: ["get_run", "health"] })).toEqual(["health", "get_run"]);
});

test("an empty list serves nothing", () => {
  expect(names({ endpoints: [] })).toEqual([]);
  expect(names({ endpointGroups: [] })).toEqual([]);
});

test("both options together are refused, even when empty", () => {
  expect(() => names({ endpoints: [], endpointGroups: [] })).toThrow(
    "Cannot specify both endpoints and endpoint_groups",
  );
});

test("an unknown name is refused with the nearest known one", () => {
  const groups = ["taks"] as readonly string[] as readonly EndpointGroup[];
  expect(() => names({ endpointGroups: groups })).toThrow('Did you mean "task"?');
  const unknown = ["get_runs"] as readonly string[] as readonly EndpointName[];
  expect(() => names({ endpoints: unknown })).toThrow('Did you mean "get_run"?');
  const far = ["constructor"] as readonly string[] as readonly EndpointName[];
  expect(() => names({ endpoints: far })).toThrow('There is no endpoint "constructor".');
});
