import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { startTestWebhook, type TestWebhook } from "../support/webhook.ts";

/** What the two modes make of the same request to an app, and of the same answer of it. */
const appAllowlist = ["target"];
let ours: TestWebhook;
let upstream: TestWebhook;
let listless: TestWebhook;

/** What the app was asked, with the credential that came along. */
const asked: string[] = [];
let answer: (request: IncomingMessage, response: ServerResponse) => void;

const app = createServer(async (request, response) => {
  const { method, url, headers } = request;
  const body = Buffer.concat(await request.toArray()).toString();
  asked.push([method, url, body, headers.authorization].filter(Boolean).join(" "));
  answer(request, response);
});

beforeAll(async () => {
  app.listen(0, "127.0.0.1");
  [ours, upstream, listless] = await Promise.all([
    startTestWebhook({ appAllowlist }),
    startTestWebhook({ appAllowlist, compat: "upstream" }),
    startTestWebhook(),
  ]);
  reset();
});

afterEach(reset);

afterAll(async () => {
  await Promise.all([ours, upstream, listless].map((webhook) => webhook[Symbol.asyncDispose]()));
  app.closeAllConnections();
  app.close();
});

const address = () => `http://127.0.0.1:${(app.address() as AddressInfo).port}`;

function reset(): void {
  asked.length = 0;
  answer = (_request, response) => void response.end("{}");
  for (const { stub } of [ours, upstream, listless]) {
    stub.reset();
    stub.apps.set("target", { endpoint: address() });
  }
}

async function call({ url }: TestWebhook, query: string, body: unknown = {}) {
  const response = await fetch(`${url}/app/target/call?${query}`, {
    method: "POST",
    redirect: "manual",
    headers: { authorization: "Bearer key", "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  const header = (name: string) => response.headers.get(name);
  return { status: response.status, text, header, asked: asked.splice(0) };
}

async function both(query: string, body?: unknown) {
  return { ours: await call(ours, query, body), upstream: await call(upstream, query, body) };
}

test("the caller's credential goes to apps of the allowlist alone", async () => {
  const answers = await both("path=/x");
  expect(answers.ours.asked).toEqual(["GET /x Bearer key"]);
  expect(answers.upstream.asked).toEqual(["GET /x Bearer key"]);
  expect((await call(listless, "path=/x")).asked).toEqual(["GET /x"]);
});

test("a redirect is not followed, nor does it lead callers away", async () => {
  answer = (_request, response) => response.writeHead(302, { location: "/y" }).end("moved");
  const answers = await both("path=/x");
  expect(answers.ours).toMatchObject({ status: 302, asked: ["GET /x Bearer key"] });
  expect(answers.ours.header("location")).toBeNull();
  expect(answers.ours.header("x-app-location")).toBe("/y");
  expect(answers.upstream).toMatchObject({
    status: 302,
    text: '{"detail":"Target app returned error: moved"}',
    asked: ["GET /x Bearer key"],
  });
  expect(answers.upstream.header("location")).toBeNull();
});

test("the answer comes with its status and media type, in the original as JSON", async () => {
  answer = (_request, response) =>
    response.writeHead(201, { "content-type": "text/plain" }).end("made");
  const made = await both("path=/x");
  expect(made.ours).toMatchObject({ status: 201, text: "made" });
  expect(made.ours.header("content-type")).toBe("text/plain");
  expect(made.upstream).toMatchObject({ status: 200, text: '{"response":"made"}' });
  answer = (_request, response) => response.writeHead(418).end('{"a":1}');
  const failed = await both("path=/x");
  expect(failed.ours).toMatchObject({ status: 418, text: '{"a":1}' });
  expect(failed.upstream).toMatchObject({
    status: 418,
    text: '{"detail":"Target app returned error: {\\"a\\":1}"}',
  });
});

for (const compat of [undefined, "upstream"] as const) {
  const mode = compat === undefined ? {} : { compat };
  const refused = (status: number) => (compat === undefined ? status : 500);

  test(`an answer without an end is given up, in length and time, ${compat ?? "ours"}`, async () => {
    await using small = await startTestWebhook({ ...mode, callResponseLimitBytes: 10 });
    await using hasty = await startTestWebhook({ ...mode, callTimeoutMs: 20 });
    for (const { stub } of [small, hasty]) stub.apps.set("target", { endpoint: address() });
    answer = (_request, response) => {
      response.writeHead(200, { "content-length": "11" }).write("x");
    };
    expect((await call(small, "path=/x")).status).toBe(refused(502));
    answer = () => undefined;
    expect((await call(hasty, "path=/x")).status).toBe(refused(504));
  });
}

describe("no app is asked", () => {
  const table: readonly (readonly [name: string, query: string])[] = [
    ["the folder above", "path=/a/../x"],
    ["the folder above in other letters", "path=/a/%252e%252e/x"],
    ["another host", "path=//evil.example/x"],
    ["a backslash", "path=/a%5Cx"],
    ["a fragment", "path=/a%23x"],
    ["a method that is none", "path=/x&method=BREW"],
  ];
  for (const [name, query] of table) {
    test(`for ${name}`, async () => {
      const answers = await both(query);
      expect(answers.ours).toMatchObject({ status: 400, asked: [] });
      expect(answers.upstream).toMatchObject({ status: 500, asked: [] });
      expect(answers.upstream.text).toMatch(/^\{"detail":"Failed to call app target endpoint /);
    });
  }
});

test("a payload is sent with every method that takes one, even when it is empty", async () => {
  const empty = await both("path=/x&method=post", { payload: {} });
  expect(empty.ours.asked).toEqual(["POST /x {} Bearer key"]);
  expect(empty.upstream.asked).toEqual(["POST /x Bearer key"]);
  const deleting = await both("path=/x&method=DELETE", { payload: { a: 1 } });
  expect(deleting.ours.asked).toEqual(['DELETE /x {"a":1} Bearer key']);
  expect(deleting.upstream.asked).toEqual(["DELETE /x Bearer key"]);
});

test("a payload is any JSON, in the original an object", async () => {
  const answers = await both("path=/x&method=PUT", { payload: [1, null] });
  expect(answers.ours.asked).toEqual(["PUT /x [1,null] Bearer key"]);
  expect(answers.upstream).toMatchObject({ status: 422, asked: [] });
});

test("lists of a query are repeated, in the original printed as Python does", async () => {
  const answers = await both("path=/x", { query_params: { a: [1, 2], b: null, c: true } });
  expect(answers.ours.asked).toEqual(["GET /x?a=1&a=2&c=true Bearer key"]);
  expect(answers.upstream.asked).toEqual(["GET /x?a=%5B1%2C+2%5D&b=None&c=True Bearer key"]);
});

test("an app that is on its way is waited for, one that is off is told", async () => {
  for (const { stub } of [ours, upstream]) stub.apps.set("target", { phase: "STOPPED" });
  const off = await both("path=/x");
  expect(off.ours).toMatchObject({ status: 409, asked: [] });
  expect(off.ours.text).toContain("Activate it first, with POST /app/target/activate.");
  expect(off.upstream).toMatchObject({ status: 500, asked: [] });
  for (const webhook of [ours, upstream]) {
    webhook.stub.apps.set("target", { phase: "PENDING" });
    const calling = call(webhook, "path=/x");
    await expect.poll(() => webhook.stub.apps.watchers("target")).toBe(1);
    webhook.stub.apps.set("target", { phase: "ACTIVE" });
    expect(await calling).toMatchObject({ status: 200, asked: ["GET /x Bearer key"] });
  }
});

test("an address where no app can be is not called", async () => {
  for (const endpoint of ["http://169.254.169.254/", "", "file:///etc/passwd"]) {
    for (const { stub } of [ours, upstream]) stub.apps.set("target", { endpoint });
    const answers = await both("path=/x");
    expect(answers.ours.status).toBe(endpoint === "" ? 409 : 502);
    expect(answers.upstream.status).toBe(500);
    expect(answers.upstream.asked).toEqual([]);
  }
});
