import { Code } from "@connectrpc/connect";
import type { ConformanceCase } from "./conformance-case.ts";

const endpoint = "fire_trigger";
const nightly = "POST /trigger/allowed.main/nightly/fire";
const read = ["getTriggerDetails", "getTaskDetails"];
const fired = [...read, "uploadInputs", "createRun"];
const started = {
  status: 200,
  body: { url: "URL/v2/domain/development/project/flytesnacks/runs/rnew", name: "rnew" },
};

/** The original has no such endpoint: both modes do the same, each in its own words. */
export const fireCases: readonly ConformanceCase[] = [
  {
    endpoint,
    when: "the trigger and its task are in their allowlists",
    request: nightly,
    body: { x: 1 },
    fenced: true,
    calls: fired,
    upstream: started,
  },
  {
    endpoint,
    when: "the project and domain are named",
    request: "POST /trigger/any.main/hourly/fire?project=other&domain=staging",
    body: { x: 1 },
    calls: fired,
    upstream: {
      status: 200,
      body: { url: "URL/v2/domain/staging/project/other/runs/rnew", name: "rnew" },
    },
  },
  {
    endpoint,
    when: "the trigger is not in the allowlist",
    request: "POST /trigger/allowed.main/hourly/fire",
    body: { x: 1 },
    fenced: true,
    calls: [],
    ours: { status: 403, code: "not_allowlisted" },
    upstream: { status: 403, detail: "Trigger allowed.main/hourly is not in the allowlist" },
  },
  {
    endpoint,
    when: "its task is not in the allowlist, though the trigger is",
    request: `${nightly}?domain=production`,
    body: { x: 1 },
    fenced: true,
    calls: [],
    ours: { status: 403, code: "not_allowlisted" },
    upstream: {
      status: 403,
      detail: "Task production/flytesnacks/allowed.main is not in the allowlist",
    },
  },
  {
    endpoint,
    when: "the trigger is not there",
    request: "POST /trigger/allowed.main/absent/fire",
    calls: ["getTriggerDetails"],
    ours: { status: 404, code: "not_found" },
    upstream: { status: 404, detail: "no trigger absent in shard 7" },
  },
  {
    endpoint,
    when: "inputs are missing",
    request: nightly,
    calls: read,
    ours: { status: 400, code: "invalid_input", faults: ["x"] },
    upstream: {
      status: 400,
      detail: "x: required, the task has no default for this input",
    },
  },
  {
    endpoint,
    when: "an input does not fit",
    request: nightly,
    body: { x: "one", y: 2 },
    calls: read,
    ours: { status: 400, code: "invalid_input", faults: ["y", "x"] },
    upstream: {
      status: 400,
      detail: 'y: unknown input, did you mean "x"?; x: expected an integer, got "one"',
    },
  },
  {
    endpoint,
    when: "the caller may not run the task",
    request: nightly,
    body: { x: 1 },
    failing: { createRun: [Code.PermissionDenied, "not yours"] },
    calls: fired,
    ours: { status: 403, code: "permission_denied" },
    upstream: { status: 403, detail: "not yours" },
  },
  {
    endpoint,
    when: "triggers are not known to the control plane",
    request: nightly,
    failing: { getTriggerDetails: [Code.Unimplemented, "no triggers here"] },
    calls: ["getTriggerDetails"],
    ours: { status: 501, code: "unimplemented" },
    upstream: { status: 501, detail: "no triggers here" },
  },
];
