import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, test } from "vitest";
import type { WebhookOptions } from "../../src/webhook/options.ts";
import { type AuditLine, auditFile, readRequests } from "../support/audit-log.ts";
import type { ConformanceCase } from "../support/conformance/conformance-case.ts";
import { conformanceCases } from "../support/conformance/conformance-cases.ts";
import { rawRequest, sendRaw } from "../support/raw-http.ts";
import { startTestWebhook, type TestWebhook } from "../support/webhook.ts";

const bearer = "authorization: Bearer the-key-of-ada";

/** What the log says of what was sent to a webhook, which is gone then. */
async function linesOf(
  options: Partial<WebhookOptions>,
  send: (webhook: TestWebhook) => Promise<unknown>,
): Promise<readonly AuditLine[]> {
  const file = await auditFile();
  {
    await using webhook = await startTestWebhook({ ...options, audit: { file } });
    await send(webhook);
  }
  return readRequests(file);
}

/** The one line about what was sent. */
async function lineOf(
  options: Partial<WebhookOptions>,
  line: string,
  headers: readonly string[] = [bearer],
  body = "",
  prepare: (webhook: TestWebhook) => void = () => undefined,
): Promise<AuditLine> {
  const lines = await linesOf(options, async (webhook) => {
    prepare(webhook);
    await sendRaw(webhook.url, rawRequest(line, headers, body));
  });
  expect(lines).toHaveLength(1);
  return lines[0] ?? {};
}

const fences = {
  taskAllowlist: ["development/flytesnacks/allowed.main"],
  appAllowlist: ["my-app", "test-webhook"],
  triggerAllowlist: ["allowed.main/nightly"],
  prefetchAllowlist: ["org/*", "secret:TEAM_TOKEN"],
  buildAllowlist: ["base:python", "pip:httpx", "apt:git"],
};

describe.each(["default", "upstream"] as const)("in the mode %s", (mode) => {
  const compat = mode === "upstream" ? ({ compat: "upstream" } as const) : {};

  test.each([
    ["without allowlists", {}, conformanceCases.filter(({ fenced }) => !fenced)],
    ["with allowlists", fences, conformanceCases.filter(({ fenced }) => fenced)],
  ])("each outcome of each endpoint %s is one true line", async (_name, options, cases) => {
    const statuses: number[] = [];
    const file = await auditFile();
    {
      await using webhook = await startTestWebhook({ ...options, ...compat, audit: { file } });
      for (const [index, one] of cases.entries()) {
        webhook.stub.reset();
        for (const [method, [code, message]] of Object.entries(one.failing ?? {})) {
          webhook.stub.failures.set(method, new ConnectError(message, code));
        }
        statuses.push((await sendCase(webhook, one, index)).status);
      }
    }
    const lines = new Map((await readRequests(file)).map((line) => [line["requestId"], line]));
    const audited = cases.filter(
      ({ endpoint }) => !["health", "ready", "metrics"].includes(endpoint),
    );
    expect(lines.size).toBe(audited.length);
    for (const [index, one] of cases.entries()) {
      const line = lines.get(`case-${index}`);
      if (!audited.includes(one)) expect(line).toBeUndefined();
      else
        expect({ when: one.when, ...line }).toMatchObject(
          expected(one, statuses[index] ?? 0, mode),
        );
    }
  });
});

function sendCase(webhook: TestWebhook, { request, body }: ConformanceCase, index: number) {
  const text = body === undefined ? "" : JSON.stringify(body);
  const headers = [`authorization: Bearer key-of-${index}`, `x-request-id: case-${index}`];
  const json = body === undefined ? [] : ["content-type: application/json"];
  return sendRaw(webhook.url, rawRequest(request, [...headers, ...json], text));
}

/** What has to be in the line, found another way than in the code. */
function expected(row: ConformanceCase, status: number, mode: string): AuditLine {
  const { ours, request, endpoint } = row;
  const [method = "", target = ""] = request.split(" ");
  const [path = ""] = target.split("?");
  const problem = ours !== undefined && "code" in ours ? ours.code : undefined;
  const isRunTask = /^\/run-task\/[^/]+\/[^/]+\/[^/]+$/.test(path);
  return {
    ...{ endpoint, status, method, client: "127.0.0.1" },
    credential: expect.stringMatching(/^[0-9a-f]{16}$/),
    ...(problem !== undefined && mode === "default" && { problem }),
    ...(status < 400 && { decision: "allowed" }),
    ...refusalBy(problem),
    ...(isRunTask && status < 400 && { target: `task ${path.slice("/run-task/".length)}` }),
  };
}

function refusalBy(problem: string | undefined): AuditLine {
  const by = (rule: string | RegExp) => ({ decision: "denied", rule: expect.stringMatching(rule) });
  switch (problem) {
    case "not_allowlisted":
      return by(/^(task|app|trigger|build|prefetch)Allowlist$|^runOptions$/);
    case "self_reference":
      return by(/^selfReference$/);
    case "permission_denied":
      return by(/^(controlPlane|runOwner)$/);
    case "unauthenticated":
      return { ...by(/^controlPlane$/), subjectUnknown: "notAccepted" };
    default:
      return {};
  }
}

test.each([
  ["no list", {}, "GET /task/development/p/t", { decision: "allowed", rule: "noAllowlist" }],
  [
    "a task in the list",
    { taskAllowlist: ["t"] },
    "GET /task/development/p/t",
    { decision: "allowed", rule: "taskAllowlist", target: "task development/p/t" },
  ],
  [
    "a task outside",
    { taskAllowlist: ["x"] },
    "GET /task/development/p/t",
    { decision: "denied", rule: "taskAllowlist", problem: "not_allowlisted", status: 403 },
  ],
  [
    "an app in the list",
    { appAllowlist: ["a"] },
    "GET /app/a",
    { decision: "allowed", rule: "appAllowlist", target: "app development/flytesnacks/a" },
  ],
  [
    "an app outside",
    { appAllowlist: ["x"] },
    "GET /app/a?project=p&domain=d",
    { decision: "denied", rule: "appAllowlist", target: "app d/p/a" },
  ],
  ["itself", {}, "GET /app/test-webhook", { decision: "denied", rule: "selfReference" }],
  [
    "a trigger in the list",
    { triggerAllowlist: ["n"] },
    "POST /trigger/t/n/activate",
    {
      decision: "allowed",
      rule: "triggerAllowlist",
      target: "trigger development/flytesnacks/t/n",
    },
  ],
  [
    "a trigger outside",
    { triggerAllowlist: [] },
    "POST /trigger/t/n/activate",
    { decision: "denied", rule: "triggerAllowlist" },
  ],
  [
    "a run of a hidden task",
    { taskAllowlist: [] },
    "GET /run/run-of-other",
    {
      decision: "denied",
      rule: "runFence",
      status: 404,
      target: "run development/flytesnacks/run-of-other",
    },
  ],
  [
    "a run without a list",
    {},
    "GET /run/run-of-other",
    { decision: "allowed", rule: "noAllowlist" },
  ],
  ["a page", {}, "GET /openapi.json", { decision: "allowed", endpoint: "docs" }],
  [
    "an address with an encoded slash",
    {},
    "GET /run/a%2Fb",
    { endpoint: "get_run", status: 400, problem: "invalid_input" },
  ],
  [
    "an address nobody can decode",
    {},
    "GET /run/%zz",
    { status: 400, problem: "invalid_input", method: "GET" },
  ],
  [
    "an address that is not there",
    {},
    "GET /nothing",
    { status: 404, problem: "endpoint_not_found", subjectUnknown: "notAsked" },
  ],
  ["another method", {}, "PUT /me", { status: 405, problem: "method_not_allowed", method: "PUT" }],
  ["a trailing slash", {}, "GET /me/", { status: 307 }],
  ["an address too long", {}, `GET /${"x".repeat(9000)}`, { status: 414, problem: "uri_too_long" }],
] as const)("%s: the decision, its rule and the target", async (_name, options, line, told) => {
  const found = await lineOf(options, line);
  expect(found).toMatchObject(told);
  if (!("decision" in told)) expect(found["decision"]).toBeUndefined();
});

test.each([
  ["missing", [], { rule: "credential", problem: "unauthenticated", status: 401 }],
  [
    "sent twice",
    [bearer, "authorization: Bearer other"],
    { rule: "credential", problem: "invalid_input", status: 400 },
  ],
  ["claimed by the connection", [bearer, "connection: authorization"], { status: 400 }],
  [
    "a cookie of another site",
    ["cookie: session=of-ada", "sec-fetch-site: cross-site"],
    { rule: "crossSite", status: 403, subjectUnknown: "notAsked" },
  ],
] as const)(
  "a credential that is %s is told by the rule, never by its words",
  async (_name, headers, told) => {
    const line = await lineOf({}, "POST /run-task/development/p/t", headers, "{}");
    expect(line).toMatchObject(told);
    expect(JSON.stringify(line)).not.toMatch(/of-ada|other/);
  },
);

test("what was no request of HTTP has a line, too", async () => {
  const lines = await linesOf({}, async ({ url }) => {
    await sendRaw(url, "GARBAGE\r\n\r\n");
    await sendRaw(url, `GET /me HTTP/1.1\r\nhost: x\r\nx: ${"y".repeat(20_000)}\r\n\r\n`);
    await sendRaw(url, rawRequest("GET /me", [bearer, "expect: the-impossible"]));
  });
  expect(lines).toMatchObject([
    { status: 400, problem: "invalid_input", client: "127.0.0.1" },
    { status: 431, problem: "headers_too_large" },
    { endpoint: "me" },
  ]);
  expect(lines).toHaveLength(3);
  expect(lines[0]).not.toHaveProperty("method");
});

test("probes have lines only where they are asked for", async () => {
  const file = await auditFile();
  for (const probes of [false, true]) {
    await using webhook = await startTestWebhook({ audit: { file, probes } });
    await sendRaw(webhook.url, rawRequest("GET /health"));
  }
  expect(await readRequests(file)).toMatchObject([
    { endpoint: "health", decision: "allowed", rule: "public", subjectUnknown: "noCredential" },
  ]);
});

test.each([
  [Code.Unauthenticated, "notAccepted"],
  [Code.Unavailable, "unavailable"],
  [Code.Unimplemented, "noUsers"],
])("a control plane that says %i instead of a user: %s", async (code, reason) => {
  const line = await lineOf({}, "GET /task/development/p/t", [bearer], "", ({ stub }) => {
    stub.failures.set("userInfo", new ConnectError("of users", code));
  });
  expect(line).toMatchObject({ status: 200, subjectUnknown: reason });
  expect(line).not.toHaveProperty("subject");
});

test("one credential has one hash, whatever its cookies, and another with another key", async () => {
  const first = await auditFile();
  const send = async (file: string, key: string | undefined, headers: readonly string[]) => {
    await using webhook = await startTestWebhook({
      audit: { file, ...(key !== undefined && { key }) },
    });
    await sendRaw(webhook.url, rawRequest("GET /me", headers));
  };
  await send(first, undefined, [bearer]);
  await send(first, undefined, [bearer, "cookie: theme=dark"]);
  await send(first, undefined, ["authorization: Bearer another-key"]);
  const hashes = (await readRequests(first)).map(({ credential }) => credential);
  expect(new Set(hashes).size).toBe(2);
  expect(hashes[0]).toBe(hashes[1]);
  const [second, third, key] = [await auditFile(), await auditFile(), "k".repeat(32)];
  await send(second, undefined, [bearer]);
  for (const file of [third]) await send(file, key, [bearer]);
  const fourth = await auditFile();
  await send(fourth, key, [bearer]);
  const [other] = await readRequests(second);
  const [keyed] = await readRequests(third, key);
  const [again] = await readRequests(fourth, key);
  expect(other?.["credential"]).not.toBe(hashes[0]);
  expect(keyed?.["credential"]).not.toBe(hashes[0]);
  expect(again?.["credential"]).toBe(keyed?.["credential"]);
});
