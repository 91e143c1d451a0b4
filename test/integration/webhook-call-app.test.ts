import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createCaller } from "../support/http.ts";
import { startTargetApp } from "../support/target-app.ts";
import { startTestWebhook, type TestWebhook } from "../support/webhook.ts";

let webhook: TestWebhook;

beforeAll(async () => {
  // What ends here ends by itself, not by the time limit.
  webhook = await startTestWebhook({ callTimeoutMs: 3_000_000 });
});

afterAll(() => webhook[Symbol.asyncDispose]());
afterEach(() => webhook.stub.reset());

const call = (body: unknown, app = "site") =>
  createCaller(webhook.url, "planted-credential").post(`/app/${app}/call`, body);

test("the app gets the request, and of its headers these alone", async () => {
  const app = await startTargetApp();
  webhook.stub.apps.set("site", { endpoint: app.url });
  const headers = {
    authorization: "Bearer planted-credential",
    cookie: "session=planted",
    "content-type": "application/json",
    "x-request-id": "ci-7",
    "x-forwarded-for": "10.1.2.3",
    "x-anything": "else",
  };
  const body = JSON.stringify({ path: "/predict", method: "POST", payload: { x: [1, null] } });
  const answer = await fetch(`${webhook.url}/app/site/call`, { method: "POST", headers, body });
  expect(answer.status).toBe(200);
  expect(app.requests).toEqual([
    {
      method: "POST",
      url: "/predict",
      headers: [
        ["host", new URL(app.url).host],
        ["connection", "close"],
        ["accept", "*/*"],
        ["accept-encoding", "identity"],
        ["user-agent", "flyte-webhook/test-webhook"],
        ["x-request-id", "ci-7"],
        ["content-type", "application/json"],
        ["content-length", "14"],
      ],
      body: '{"x":[1,null]}',
    },
  ]);
});

const bodies: readonly (readonly [method: string, payload: unknown, sent: string])[] = [
  ["GET", { x: 1 }, ""],
  ["HEAD", { x: 1 }, ""],
  ["POST", { x: 1 }, '{"x":1}'],
  ["POST", {}, "{}"],
  ["POST", undefined, ""],
  ["PUT", [1], "[1]"],
  ["PATCH", "text", '"text"'],
  ["DELETE", { x: 1 }, '{"x":1}'],
  ["OPTIONS", 0, "0"],
  ["delete", false, "false"],
];

for (const [method, payload, sent] of bodies) {
  test(`${method} with the payload ${JSON.stringify(payload)} sends ${sent || "no body"}`, async () => {
    const app = await startTargetApp();
    webhook.stub.apps.set("site", { endpoint: app.url });
    const answer = await fetch(`${webhook.url}/app/site/call`, {
      method: "POST",
      headers: { authorization: "Bearer key", "content-type": "application/json" },
      body: JSON.stringify({ path: "/", method, payload }),
    });
    expect(answer.status).toBe(200);
    const [seen] = app.requests;
    expect(seen).toMatchObject({ method: method.toUpperCase(), body: sent });
    const types = seen?.headers.filter(([name]) => name === "content-type").map(([, type]) => type);
    expect(types).toEqual(sent === "" ? [] : ["application/json"]);
  });
}

const addresses: readonly (readonly [endpoint: string, asked: object, url: string])[] = [
  ["", { path: "" }, "/"],
  ["", { path: "a/b" }, "/a/b"],
  ["/", { path: "/a/b/" }, "/a/b/"],
  ["/base", { path: "/a" }, "/base/a"],
  ["/base/", { path: "a" }, "/base/a"],
  ["", { path: "/a?b=c" }, "/a?b=c"],
  ["", { path: "/a?b=c", query_params: { d: "e" } }, "/a?b=c&d=e"],
  ["", { path: "/a?", query_params: { d: "e" } }, "/a?d=e"],
  ["", { path: "/ä b" }, "/%C3%A4%20b"],
  ["", { path: "/a%2Fb%20c" }, "/a%2Fb%20c"],
  ["", { path: " a " }, "/%20a%20"],
  ["", { path: "/http://elsewhere.example/x" }, "/http://elsewhere.example/x"],
  ["", { path: "@elsewhere.example/x" }, "/@elsewhere.example/x"],
  ["", { path: ":1234/x" }, "/:1234/x"],
  [
    "",
    { path: "/", query_params: { t: true, f: false, n: null, i: 1, s: "a b&c=d", l: [1, "x"] } },
    "/?t=true&f=false&i=1&s=a+b%26c%3Dd&l=1&l=x",
  ],
];

for (const [endpoint, asked, url] of addresses) {
  test(`${JSON.stringify(asked)} at an app below "${endpoint}" is ${url}`, async () => {
    const app = await startTargetApp();
    webhook.stub.apps.set("site", { endpoint: `${app.url}${endpoint}` });
    expect((await call(asked)).status).toBe(200);
    expect(app.requests.map((request) => request.url)).toEqual([url]);
  });
}

test("status, media type and body are passed on, and no other header of the app", async () => {
  const app = await startTargetApp((response) => {
    response.writeHead(418, "I am one", {
      "content-type": "text/html; charset=utf-8",
      "set-cookie": "session=stolen",
      "cache-control": "public, max-age=60",
      "content-security-policy": "default-src *",
      "access-control-allow-origin": "*",
      "x-powered-by": "it",
      "www-authenticate": "Basic",
      "x-request-id": "its-own",
    });
    response.end("<script>alert(1)</script>");
  });
  webhook.stub.apps.set("site", { endpoint: app.url });
  const answer = await call({ path: "/" });
  expect(answer.status).toBe(418);
  expect(answer.body).toBe("<script>alert(1)</script>");
  const { date, connection, "keep-alive": _, ...headers } = Object.fromEntries(answer.headers);
  expect(headers).toEqual({
    "cache-control": "no-store",
    "content-security-policy":
      "sandbox; default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
    "content-type": "text/html; charset=utf-8",
    "referrer-policy": "no-referrer",
    "transfer-encoding": "chunked",
    "x-content-type-options": "nosniff",
    "x-request-id": expect.not.stringContaining("its-own"),
  });
});

test("an answer is passed on while it is made", async () => {
  const steps: (() => void)[] = [];
  const app = await startTargetApp((response) => {
    response.setHeader("content-type", "text/event-stream");
    response.flushHeaders();
    steps.push(
      () => response.write("data: 1\n\n"),
      () => response.end("data: 2\n\n"),
    );
  });
  webhook.stub.apps.set("site", { endpoint: app.url });
  const answer = await fetch(`${webhook.url}/app/site/call?path=/events`, {
    method: "POST",
    headers: { authorization: "Bearer key" },
  });
  expect(answer.headers.get("content-type")).toBe("text/event-stream");
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  steps.shift()?.();
  expect((await reader?.read())?.value).toBe("data: 1\n\n");
  steps.shift()?.();
  expect((await reader?.read())?.value).toBe("data: 2\n\n");
  expect((await reader?.read())?.done).toBe(true);
});

test("HEAD, 204 and 304 have no body", async () => {
  const statuses = [200, 204, 304];
  for (const status of statuses) {
    const app = await startTargetApp((response) => {
      response.writeHead(status, { "content-type": "text/plain", "content-length": "7" }).end();
    });
    webhook.stub.apps.set("site", { endpoint: app.url });
    const answer = await call({ path: "/", method: status === 200 ? "HEAD" : "GET" });
    expect([answer.status, answer.body]).toEqual([status, ""]);
  }
});

for (const when of ["before the answer", "while it is answered"]) {
  test(`a caller who leaves ${when} ends the request to the app`, async () => {
    const app = await startTargetApp((response) => {
      if (when !== "before the answer") response.write("begin");
    });
    webhook.stub.apps.set("site", { endpoint: app.url });
    const leaving = new AbortController();
    const answer = fetch(`${webhook.url}/app/site/call?path=/`, {
      method: "POST",
      headers: { authorization: "Bearer key" },
      signal: leaving.signal,
    }).then((response) => response.text());
    await app.first;
    leaving.abort();
    await expect(answer).rejects.toThrow();
    await app.left();
  });
}

test("an app on its way is waited for", async () => {
  const app = await startTargetApp();
  for (const phase of ["PENDING", "DEPLOYING", "ASSIGNED", "SCALING_UP", "SCALING_DOWN"] as const) {
    webhook.stub.apps.set("site", { endpoint: "", phase });
    webhook.stub.calls.length = 0;
    const watched = webhook.stub.apps.nextWatch("site");
    const answer = call({ path: "/", method: "POST" });
    await watched;
    webhook.stub.apps.set("site", { endpoint: app.url, phase: "ACTIVE" });
    expect((await answer).status).toBe(200);
    expect(webhook.stub.takeMethods()).toEqual(["getApp", "watchApp"]);
  }
});

test("an app that fails, or is switched off, while it is waited for is told", async () => {
  for (const [phase, status, code, words] of [
    ["FAILED", 424, "app_failed", "App site failed: no image"],
    ["STOPPED", 409, "conflict", "switched off (stopped). Activate it first"],
  ] as const) {
    webhook.stub.apps.set("site", { phase: "PENDING" });
    const watched = webhook.stub.apps.nextWatch("site");
    const answer = call({ path: "/" });
    await watched;
    webhook.stub.apps.set("site", { phase, message: "no image" });
    const { body, status: told } = await answer;
    expect(told).toBe(status);
    expect(body.code).toBe(code);
    expect(body.detail).toContain(words);
  }
});

test("an app that is off, or has no address, is a conflict that names the remedy", async () => {
  for (const app of [
    { phase: "STOPPED" },
    { phase: "UNASSIGNED" },
    { phase: "ACTIVE", endpoint: "" },
  ] as const) {
    webhook.stub.apps.set("site", { endpoint: "http://127.0.0.1:1", ...app });
    const { status, body } = await call({ path: "/" });
    expect(status).toBe(409);
    expect(body.code).toBe("conflict");
    expect(body.detail).toContain("POST /app/site/activate");
  }
});

test("calls under way are carried through when the webhook closes", async () => {
  const closing = await startTestWebhook();
  const app = await startTargetApp(() => undefined);
  closing.stub.apps.set("site", { endpoint: app.url });
  const answer = createCaller(closing.url, "key").post("/app/site/call", { path: "/" });
  const response = await app.first;
  const closed = closing[Symbol.asyncDispose]();
  response.end("done");
  expect((await answer).body).toBe("done");
  await closed;
  await app.left();
});

test("no connection to an app outlives its call", async () => {
  const app = await startTargetApp();
  webhook.stub.apps.set("site", { endpoint: app.url });
  await Promise.all(Array.from({ length: 5 }, () => call({ path: "/" })));
  await app.left();
  expect(app.requests).toHaveLength(5);
});
