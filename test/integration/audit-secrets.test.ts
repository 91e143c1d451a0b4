import { readFile } from "node:fs/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import { expect, test } from "vitest";
import type { Endpoint } from "../../src/webhook/endpoint.ts";
import { endpoints } from "../../src/webhook/endpoints.ts";
import { auditFile, readRequests } from "../support/audit-log.ts";
import { rawRequest, sendRaw } from "../support/raw-http.ts";
import { startTestWebhook } from "../support/webhook.ts";

const token = "planted-token-of-the-caller";
const headers = [
  `authorization: Bearer ${token}`,
  "cookie: session=planted-cookie; theme=planted-theme",
  "user-agent: planted-agent",
  "referer: http://planted-referer/",
  "x-forwarded-for: planted-address",
  "x-api-key: planted-header",
  "idempotency-key: planted-idempotency-key",
];
const query = "token=planted-query&reason=planted-reason&version=planted-version";

function addressOf({ path }: Endpoint, name: string): string {
  return path.replaceAll(/\{\w+\}/g, name);
}

test.each([undefined, Code.PermissionDenied, Code.Internal, Code.Unavailable])(
  "nothing that a request carries is in the log, also where the control plane quotes it (%s)",
  async (code) => {
    const file = await auditFile();
    {
      await using webhook = await startTestWebhook({ audit: { file } });
      for (const [index, endpoint] of endpoints.entries()) {
        webhook.stub.reset();
        for (const method of code === undefined
          ? []
          : ["getRunDetails", "listTasks", "get", "userInfo"]) {
          const message = `no right for ${token}, planted-words-of-the-control-plane`;
          webhook.stub.failures.set(method, new ConnectError(message, code));
        }
        const target = `${endpoint.method} ${addressOf(endpoint, "some-name")}?${query}`;
        const body = endpoint.method === "POST" ? '{"x":"planted-input"}' : "";
        const json = body === "" ? [] : ["content-type: application/json"];
        const id = `x-request-id: asked-${index}`;
        await sendRaw(webhook.url, rawRequest(target, [...headers, ...json, id], body));
      }
    }
    expect((await readRequests(file)).length).toBeGreaterThan(15);
    expect(await readFile(file, "utf8")).not.toContain("planted");
  },
);

test("a token in a path, and one that the control plane takes for a name, are taken out", async () => {
  const file = await auditFile();
  {
    await using webhook = await startTestWebhook({ audit: { file } });
    const line = `GET /run/${token}`;
    await sendRaw(webhook.url, rawRequest(line, [`authorization: Bearer ${token}`]));
  }
  // The stub answers the header as the subject.
  expect(await readRequests(file)).toMatchObject([
    { target: "run development/flytesnacks/[credential]", subject: "[credential]" },
  ]);
  expect(await readFile(file, "utf8")).not.toContain(token);
});

test("a caller cannot have their own deeds taken out by words in a cookie", async () => {
  const file = await auditFile();
  {
    await using webhook = await startTestWebhook({ audit: { file } });
    const cookie = "cookie: a=development; b=flytesnacks; c=run-of-other";
    await sendRaw(webhook.url, rawRequest("GET /run/run-of-other", [headers[0] ?? "", cookie]));
  }
  expect(await readRequests(file)).toMatchObject([
    { target: "run development/flytesnacks/run-of-other" },
  ]);
});

test.each([
  ["a request id with a line of its own", "GET /me", 'x-request-id: a"}\t{"time":"forged'],
  ["an agent with a line of its own", "GET /me", 'user-agent: x","subject":"forged"'],
  ["a name with quotes", `GET /run/${encodeURIComponent('a","subject":"forged')}`, "a: b"],
  ["a name with what readers take for a line break", "GET /run/a%E2%80%A8forged", "a: b"],
  ["a name with a line break", "GET /run/a%0A%7B%22subject%22:%22forged%22%7D", "a: b"],
  ["a name with words of a terminal", "GET /run/a%1b[2Jforged", "a: b"],
  ["a trace with a line of its own", "GET /me", 'traceparent: 00-forged"}-1-01'],
  ["a scope with a line of its own", "GET /run/a?project=%0Aforged%22", "a: b"],
])("%s makes no line and no member", async (_name, line, header) => {
  const file = await auditFile();
  {
    await using webhook = await startTestWebhook({ audit: { file } });
    await sendRaw(webhook.url, rawRequest(line, [headers[0] ?? "", header]));
  }
  const found = await readRequests(file);
  expect(found).toHaveLength(1);
  expect(found[0]).toMatchObject({ subject: "[credential]" });
  expect(found[0]?.["requestId"]).toMatch(/^[\w.-]+$/);
  const text = await readFile(file, "utf8");
  expect(text).toMatch(/^[\x20-\x7e\n]+$/);
});
