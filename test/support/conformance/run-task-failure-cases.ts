import { Code } from "@connectrpc/connect";
import type { ConformanceCase } from "./conformance-case.ts";

const request = "POST /run-task/development/flytesnacks/allowed.main?version=v1";
const uploading = ["uploadInputs"];
const creating = [...uploading, "createRun"];

function failing(
  method: "uploadInputs" | "createRun",
  [code, message]: readonly [Code, string],
  ours: NonNullable<ConformanceCase["ours"]>,
  detail: string,
): ConformanceCase {
  return {
    endpoint: "run_task",
    when: `${method} fails with ${Code[code]}`,
    request,
    body: { x: 1 },
    failing: { [method]: [code, message] },
    calls: ["getTaskDetails", ...(method === "createRun" ? creating : uploading)],
    ours,
    upstream: { status: 500, detail },
  };
}

const outage =
  "Flyte system is currently unavailable. check your configuration, or the service status.";
const unavailable = {
  status: 503,
  code: "unavailable",
  detail: "The control plane cannot be reached. Try again later.",
} as const;

/** Such a failure of a start does not say what became of it. */
const lostStart =
  "It is not known whether the run was started. With an Idempotency-Key, repeat the request with the same key: " +
  "it finds the run, or starts it. Without one, look for the run first.";

/** What the original makes of each code with which a run cannot be started. */
export const runTaskFailureCases: readonly ConformanceCase[] = [
  failing(
    "createRun",
    [Code.Unavailable, "db down"],
    { ...unavailable, detail: lostStart },
    outage,
  ),
  failing("uploadInputs", [Code.Unavailable, "db down"], unavailable, outage),
  failing(
    "createRun",
    [Code.InvalidArgument, "x is odd"],
    { status: 400, code: "invalid_input" },
    "x is odd",
  ),
  failing(
    "createRun",
    [Code.OutOfRange, "x is too large"],
    { status: 400, code: "invalid_input", detail: "x is too large" },
    "Failed to create run: x is too large",
  ),
  failing(
    "createRun",
    [Code.AlreadyExists, "there is one"],
    { status: 409, code: "conflict", detail: "there is one" },
    "A run with the name 'None' already exists. Please choose a different name.",
  ),
  failing(
    "createRun",
    [Code.Aborted, "there was another"],
    { status: 409, code: "conflict", detail: "there was another" },
    "Failed to create run: there was another",
  ),
  failing(
    "createRun",
    [Code.NotFound, "no such project"],
    { status: 404, code: "not_found", detail: "no such project" },
    "Failed to create run: no such project",
  ),
  failing(
    "uploadInputs",
    [Code.PermissionDenied, "no uploads for you"],
    { status: 403, code: "permission_denied", detail: "no uploads for you" },
    "Failed to create run: no uploads for you",
  ),
  failing(
    "createRun",
    [Code.Unauthenticated, "token expired"],
    {
      status: 401,
      code: "unauthenticated",
      detail: "The control plane did not accept the credentials.",
    },
    "Failed to create run: token expired",
  ),
  failing(
    "createRun",
    [Code.Internal, "disk full"],
    { status: 502, code: "control_plane_failed", detail: lostStart },
    "Failed to create run: disk full",
  ),
  {
    endpoint: "run_task",
    when: "an input is missing",
    request,
    body: {},
    calls: ["getTaskDetails"],
    ours: { status: 400, code: "invalid_input", faults: ["x"] },
    upstream: { status: 500, detail: "x: required, the task has no default for this input" },
  },
];
