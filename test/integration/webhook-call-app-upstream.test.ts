import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createCaller } from "../support/http.ts";
import { startTargetApp } from "../support/target-app.ts";
import { startTestWebhook, type TestWebhook } from "../support/webhook.ts";

let webhook: TestWebhook;

beforeAll(async () => {
  webhook = await startTestWebhook({ compat: "upstream", callResponseLimitBytes: 1_000 });
});

afterAll(() => webhook[Symbol.asyncDispose]());
afterEach(() => webhook.stub.reset());

const call = (query: string, body?: object) =>
  createCaller(webhook.url, "key").post(`/app/site/call?${query}`, body);

const answers: readonly (readonly [status: number, sent: string, told: number, body: unknown])[] = [
  [200, '{"a":[1,null]}', 200, { a: [1, null] }],
  [201, "[1]", 200, [1]],
  [200, "null", 200, null],
  [200, "12345678901234567890", 200, 12345678901234567890n],
  [200, "plain", 200, { response: "plain" }],
  [204, "", 200, { response: "" }],
  [200, "", 200, { response: "" }],
  [404, "gone", 404, { detail: "Target app returned error: gone" }],
  [401, "who?", 401, { detail: "Target app returned error: who?" }],
  [503, '{"a":1}', 503, { detail: 'Target app returned error: {"a":1}' }],
  [302, "elsewhere", 302, { detail: "Target app returned error: elsewhere" }],
];

describe("an app's answer is told in the original's words", () => {
  for (const [status, sent, told, body] of answers) {
    test(`${status} ${sent}`, async () => {
      const app = await startTargetApp((response) => {
        const location = "http://elsewhere.example/";
        response.writeHead(status, { "set-cookie": "a=b", location }).end(sent);
      });
      webhook.stub.apps.set("site", { endpoint: app.url });
      const answer = await fetch(`${webhook.url}/app/site/call?path=/`, {
        method: "POST",
        headers: { authorization: "Bearer key" },
        redirect: "manual",
      });
      expect(answer.status).toBe(told);
      expect(answer.headers.get("content-type")).toBe("application/json");
      expect(answer.headers.get("set-cookie")).toBeNull();
      expect(answer.headers.get("location")).toBeNull();
      const text = await answer.text();
      if (typeof body === "bigint") expect(text).toBe(String(body));
      else expect(JSON.parse(text)).toEqual(body);
    });
  }
});

const requests: readonly (readonly [method: string, payload: unknown, sent: string])[] = [
  ["post", { x: 1 }, '{"x":1}'],
  ["PUT", { x: 1 }, '{"x":1}'],
  ["PATCH", { x: 1 }, '{"x":1}'],
  ["POST", {}, ""],
  ["POST", null, ""],
  ["DELETE", { x: 1 }, ""],
  ["GET", { x: 1 }, ""],
];

for (const [method, payload, sent] of requests) {
  test(`${method} with the payload ${JSON.stringify(payload)} sends ${sent || "no body"}`, async () => {
    const app = await startTargetApp();
    webhook.stub.apps.set("site", { endpoint: app.url });
    await call(`path=/&method=${method}`, { payload });
    expect(app.requests).toMatchObject([{ method: method.toUpperCase(), body: sent }]);
    expect(app.requests[0]?.headers).toContainEqual(["content-type", "application/json"]);
    expect(app.requests[0]?.headers).toContainEqual(["user-agent", "flyte-webhook/test-webhook"]);
  });
}

test("a query is written as Python prints it", async () => {
  const app = await startTargetApp();
  webhook.stub.apps.set("site", { endpoint: app.url });
  const query_params = {
    t: true,
    n: null,
    l: [1, "a'b", 'c"d'],
    o: { k: [false, null] },
    s: "x y",
  };
  await call("path=/a", { query_params });
  expect([...new URL(app.requests[0]?.url ?? "", app.url).searchParams]).toEqual([
    ["t", "True"],
    ["n", "None"],
    ["l", `[1, "a'b", 'c"d']`],
    ["o", "{'k': [False, None]}"],
    ["s", "x y"],
  ]);
});

test("what is refused for safety stays refused, in the original's words", async () => {
  const app = await startTargetApp((response) => response.end("x".repeat(1_001)));
  webhook.stub.apps.set("site", { endpoint: app.url });
  const traversal = await call("path=/../x");
  expect(traversal.status).toBe(500);
  expect(traversal.body).toEqual({
    detail: "Failed to call app site endpoint /../x: path: must not hold the segments . and ..",
  });
  expect((await call("path=/&method=TRACE")).status).toBe(500);
  expect(app.requests).toEqual([]);
  expect((await call("path=/")).body).toEqual({
    detail:
      "Failed to call app site endpoint /: App site answers more than the 1000 bytes that are passed on.",
  });
  await app.left();
});

test("an app that is off is the original's 500", async () => {
  const { status, body } = await createCaller(webhook.url, "key").post(
    "/app/sleeping-app/call?path=/",
  );
  expect(status).toBe(500);
  expect(body.detail).toMatch(/^Failed to call app sleeping-app endpoint \/: App sleeping-app is/);
});
