import { Code } from "@connectrpc/connect";
import type { EndpointName } from "../../../src/webhook/endpoint.ts";
import type { ConformanceCase } from "./conformance-case.ts";

interface Family {
  readonly endpoint: EndpointName;
  readonly line: (app: string) => string;
  /** The original's words to a webhook that is to act on itself. */
  readonly self: string;
  /** The original's status of every failure, and its words before the control plane's. */
  readonly failed: readonly [status: number, words: (app: string) => string];
}

const families: readonly Family[] = [
  {
    endpoint: "get_app",
    line: (app) => `GET /app/${app}`,
    self: "Cannot get status of self",
    failed: [404, (app) => `App ${app} not found`],
  },
  {
    endpoint: "activate_app",
    line: (app) => `POST /app/${app}/activate`,
    self: "Cannot activate self",
    failed: [500, (app) => `Failed to activate app ${app}`],
  },
  {
    endpoint: "deactivate_app",
    line: (app) => `POST /app/${app}/deactivate`,
    self: "Cannot deactivate self",
    failed: [500, (app) => `Failed to deactivate app ${app}`],
  },
  {
    endpoint: "call_app",
    line: (app) => `POST /app/${app}/call?path=/x`,
    self: "Cannot call self",
    failed: [500, (app) => `Failed to call app ${app} endpoint /x`],
  },
];

function failuresOf({ endpoint, line, self, failed }: Family): readonly ConformanceCase[] {
  const [status, words] = failed;
  return [
    {
      endpoint,
      when: "the app is the webhook itself",
      request: line("test-webhook"),
      calls: [],
      ours: { status: 400, code: "self_reference" },
      upstream: { status: 400, detail: self },
    },
    {
      endpoint,
      when: "the app is the webhook itself, even in the allowlist",
      request: line("test-webhook"),
      fenced: true,
      calls: [],
      ours: { status: 400, code: "self_reference" },
      upstream: { status: 400, detail: self },
    },
    {
      endpoint,
      when: "the app is not in the allowlist",
      request: line("other-app"),
      fenced: true,
      calls: [],
      ours: { status: 403, code: "not_allowlisted" },
      upstream: { status: 403, detail: "App other-app is not in the allowlist" },
    },
    {
      endpoint,
      when: "the app is not there",
      request: line("absent-app"),
      calls: ["getApp"],
      ours: { status: 404, code: "not_found", detail: "no app absent-app in shard 7" },
      upstream: { status, detail: `${words("absent-app")}: no app absent-app in shard 7` },
    },
    {
      endpoint,
      when: "the app may not be read",
      request: line("my-app"),
      failing: { getApp: [Code.PermissionDenied, "not yours"] },
      calls: ["getApp"],
      ours: { status: 403, code: "permission_denied", detail: "not yours" },
      upstream: { status, detail: `${words("my-app")}: not yours` },
    },
    {
      endpoint,
      when: "the control plane is out of order",
      request: line("my-app"),
      failing: { getApp: [Code.Unavailable, "db down"] },
      calls: ["getApp"],
      ours: {
        status: 503,
        code: "unavailable",
        detail: "The control plane cannot be reached. Try again later.",
      },
      upstream: { status, detail: `${words("my-app")}: db down` },
    },
  ];
}

const url = (app: string, domain = "development", project = "flytesnacks") =>
  `URL/v2/domain/${domain}/project/${project}/apps/${app}`;
const endpointOf = (app: string) => `https://${app}.example.com`;
const running = { is_active: true, endpoint: endpointOf("my-app"), url: url("my-app") };
const switched = ["getApp", "updateApp"];

const changedMeanwhile =
  "App my-app was changed by someone else at each of 3 tries to change it. Try again.";

export const appCases: readonly ConformanceCase[] = [
  ...families.flatMap(failuresOf),
  {
    endpoint: "get_app",
    when: "the app is active",
    request: "GET /app/my-app",
    fenced: true,
    calls: ["getApp"],
    upstream: {
      status: 200,
      body: {
        name: "my-app",
        revision: 3,
        endpoint: endpointOf("my-app"),
        is_active: true,
        is_deactivated: false,
        url: url("my-app"),
      },
    },
  },
  {
    endpoint: "get_app",
    when: "the app is off, and elsewhere",
    request: "GET /app/sleeping-app?domain=staging&project=other",
    calls: ["getApp"],
    upstream: {
      status: 200,
      body: {
        name: "sleeping-app",
        revision: 3,
        endpoint: endpointOf("sleeping-app"),
        is_active: false,
        is_deactivated: true,
        url: url("sleeping-app", "staging", "other"),
      },
    },
  },
  {
    endpoint: "activate_app",
    when: "the app is active already",
    request: "POST /app/my-app/activate?wait=true",
    calls: ["getApp"],
    upstream: { status: 200, body: { name: "my-app", ...running } },
  },
  {
    endpoint: "activate_app",
    when: "the app is off",
    request: "POST /app/sleeping-app/activate",
    calls: switched,
    upstream: {
      status: 200,
      body: {
        name: "sleeping-app",
        is_active: true,
        endpoint: endpointOf("sleeping-app"),
        url: url("sleeping-app"),
      },
    },
  },
  {
    endpoint: "activate_app",
    when: "the app may not be switched",
    request: "POST /app/sleeping-app/activate",
    failing: { updateApp: [Code.PermissionDenied, "not yours"] },
    calls: switched,
    ours: { status: 403, code: "permission_denied", detail: "not yours" },
    upstream: { status: 500, detail: "Failed to activate app sleeping-app: not yours" },
  },
  {
    endpoint: "deactivate_app",
    when: "the app is active",
    request: "POST /app/my-app/deactivate",
    calls: switched,
    upstream: {
      status: 200,
      body: { name: "my-app", is_active: false, is_deactivated: true, url: url("my-app") },
    },
  },
  {
    endpoint: "deactivate_app",
    when: "the app is off already",
    request: "POST /app/sleeping-app/deactivate?wait=on",
    calls: ["getApp"],
    upstream: {
      status: 200,
      body: {
        name: "sleeping-app",
        is_active: false,
        is_deactivated: true,
        url: url("sleeping-app"),
      },
    },
  },
  {
    endpoint: "deactivate_app",
    when: "others change the app again and again",
    request: "POST /app/my-app/deactivate",
    failing: { updateApp: [Code.Aborted, "stale revision"] },
    calls: [...switched, ...switched, ...switched],
    ours: { status: 409, code: "conflict", detail: changedMeanwhile },
    upstream: { status: 500, detail: `Failed to deactivate app my-app: ${changedMeanwhile}` },
  },
];
