import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, onTestFinished, test } from "vitest";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { createWebhook } from "../../src/webhook/create-webhook.ts";
import type { RateLimitOptions } from "../../src/webhook/rate-limits/rate-limit-options.ts";
import { createCaller } from "../support/http.ts";
import { createLog } from "../support/log.ts";
import { rawRequest, sendRaw } from "../support/raw-http.ts";
import { parseItems } from "../support/structured-fields.ts";
import { startTestWebhook, type TestWebhook } from "../support/webhook.ts";

interface Limited extends TestWebhook {
  /** Lets time pass for the limits. */
  pass(seconds: number): void;
}

async function startLimited(
  rateLimits: RateLimitOptions,
  options: Parameters<typeof startTestWebhook>[0] = {},
): Promise<Limited> {
  let now = 1000;
  const webhook = await startTestWebhook({
    ...options,
    rateLimits: { ...rateLimits, now: () => now },
  });
  onTestFinished(() => webhook[Symbol.asyncDispose]());
  return Object.assign(webhook, {
    pass(seconds: number) {
      now += seconds * 1000;
    },
  });
}

const statuses = async (count: number, ask: () => Promise<{ readonly status: number }>) => {
  const all = [];
  for (let request = 0; request < count; request++) all.push((await ask()).status);
  return all;
};
const times = (count: number, status: number) => Array.from({ length: count }, () => status);

describe.each([{}, { compat: "upstream" }] as const)("with %j", (mode) => {
  test("a script that asks too often is refused, and told when to come back; others are not", async () => {
    const webhook = await startLimited({ perCredential: "5/min" }, mode);
    const [script, other] = ["script", "other"].map((key) => createCaller(webhook.url, key));
    const answers = await Promise.all(times(50, 0).map(() => script?.get("/me")));
    const refused = answers.filter((answer) => answer?.status === 429);
    expect(refused).toHaveLength(45);
    expect(answers.filter((answer) => answer?.status === 200)).toHaveLength(5);
    expect(webhook.stub.takeMethods()).toEqual(times(5, 0).map(() => "userInfo"));
    for (const answer of refused) {
      expect(answer?.headers.get("retry-after")).toBe("12");
      expect(answer?.headers.get("ratelimit")).toBe('"credential";r=0;t=12');
      expect(answer?.headers.get("ratelimit-policy")).toBe('"credential";q=5;w=60');
    }
    expect(await statuses(5, () => other?.get("/me") as Promise<never>)).toEqual(times(5, 200));
    webhook.pass(11.9);
    expect((await script?.get("/me"))?.status).toBe(429);
    webhook.pass(0.1);
    expect((await script?.get("/me"))?.status).toBe(200);
    expect((await script?.get("/me"))?.status).toBe(429);
  });

  test("the refusal names the limit and quotes no credential", async () => {
    const webhook = await startLimited({ perCredential: "1/min" }, mode);
    const caller = createCaller(webhook.url, "token-of-a-script");
    await caller.get("/me");
    const { body } = await caller.get("/me");
    const detail =
      'The limit "credential" is reached: 1 requests in 60 s, for each credential. Try again in 60 s.';
    if ("compat" in mode) expect(body).toEqual({ detail });
    else expect(body).toMatchObject({ code: "rate_limited", status: 429, detail });
  });

  test("made-up tokens do not get past the limit of their address; accepted ones do", async () => {
    const webhook = await startLimited({ perAddress: "10/min", perCredential: "100/min" }, mode);
    const known = createCaller(webhook.url, "known");
    expect((await known.get("/me")).status).toBe(200);
    webhook.stub.failures.set("userInfo", new ConnectError("no", Code.Unauthenticated));
    let made = 0;
    const guess = () =>
      createCaller(webhook.url, `made up ${made++}`.replaceAll(" ", "-")).get("/me");
    expect(await statuses(14, guess)).toEqual([...times(9, 401), ...times(5, 429)]);
    webhook.stub.failures.clear();
    expect(await statuses(5, () => known.get("/me"))).toEqual(times(5, 200));
    expect(await statuses(1, guess)).toEqual([429]);
  });

  test("a batch of which nothing could be started proves no token", async () => {
    const webhook = await startLimited({ perAddress: "3/min" }, mode);
    webhook.stub.failures.set("listTasks", new ConnectError("no", Code.Unauthenticated));
    const caller = createCaller(webhook.url, "made-up");
    const run = { domain: "development", project: "flytesnacks", name: "allowed.main" };
    const ask = () => caller.post("/run-tasks", { runs: [run] });
    expect(await statuses(5, ask)).toEqual([207, 207, 207, 429, 429]);
  });

  test("a token that is not accepted any more counts for its address again", async () => {
    const webhook = await startLimited({ perAddress: "3/min" }, mode);
    const caller = createCaller(webhook.url, "revoked");
    expect(await statuses(5, () => caller.get("/me"))).toEqual(times(5, 200));
    webhook.stub.failures.set("userInfo", new ConnectError("no", Code.Unauthenticated));
    expect(await statuses(5, () => caller.get("/me"))).toEqual([401, 401, 401, 429, 429]);
  });
});

test("requests without a credential count for their address, as do those to unknown places", async () => {
  const webhook = await startLimited({ perAddress: "4/min" });
  const nobody = createCaller(webhook.url);
  expect(await statuses(2, () => nobody.get("/me"))).toEqual([401, 401]);
  expect(await statuses(2, () => createCaller(webhook.url, "x").get("/nowhere"))).toEqual([
    404, 404,
  ]);
  expect(await statuses(1, () => nobody.get("/me"))).toEqual([429]);
});

test("another cookie beside a token, or another spelling of its scheme, is the same caller", async () => {
  const webhook = await startLimited({ perCredential: "2/min" });
  const ask = (authorization: string, cookie: string) =>
    fetch(`${webhook.url}/me`, { headers: { authorization, cookie } });
  expect((await ask("Bearer one", "a=1")).status).toBe(200);
  expect((await ask("bearer one", "a=2")).status).toBe(200);
  expect((await ask("Bearer  one", "a=3")).status).toBe(429);
});

test("a limit of an endpoint or of all is shared, and broken ones take nothing out of others", async () => {
  const webhook = await startLimited({
    perCredential: "5/min",
    global: "7/min",
    perRoute: { me: "6/min" },
  });
  const [greedy, other] = [createCaller(webhook.url, "a"), createCaller(webhook.url, "b")];
  expect(await statuses(40, () => greedy.get("/me"))).toEqual([
    ...times(5, 200),
    ...times(35, 429),
  ]);
  const last = await other.get("/me");
  expect(last.status).toBe(200);
  expect(last.headers.get("ratelimit-policy")).toBe('"credential";q=5;w=60');
  const overRoute = await other.get("/me");
  expect(overRoute.status).toBe(429);
  expect(overRoute.headers.get("ratelimit")).toBe('"route:me";r=0;t=10');
  expect(overRoute.body.detail).toContain("for all callers together");
  const task = "/task/development/flytesnacks/a.b";
  expect((await other.get(task)).status).toBe(200);
  const overAll = await other.get(task);
  expect(overAll.status).toBe(429);
  expect(parseItems(overAll.headers.get("ratelimit") ?? "").map(({ value }) => value)).toEqual([
    "global",
  ]);
});

test("probes and the questions of browsers have no limit", async () => {
  const origin = "https://app.example.com";
  const webhook = await startLimited(
    { global: "1/day", perAddress: "1/day" },
    { corsOrigins: [origin] },
  );
  await createCaller(webhook.url, "a").get("/me");
  const nobody = createCaller(webhook.url);
  expect(await statuses(5, () => nobody.get("/health"))).toEqual(times(5, 200));
  const headers = { origin, "access-control-request-method": "GET" };
  const preflight = () => fetch(`${webhook.url}/me`, { method: "OPTIONS", headers });
  expect(await statuses(5, preflight)).toEqual(times(5, 204));
  const refused = await fetch(`${webhook.url}/me`, {
    headers: { origin, authorization: "Bearer a" },
  });
  expect(refused.status).toBe(429);
  expect(refused.headers.get("access-control-expose-headers")).toContain("ratelimit");
});

test("a refused request is answered before its body arrives", async () => {
  const webhook = await startLimited({ perCredential: "1/min" });
  await createCaller(webhook.url, "a").get("/me");
  const line = "POST /run-task/development/flytesnacks/a.b";
  const headers = ["authorization: Bearer a", "content-type: application/json"];
  // A body is announced, and only part of it comes.
  const request = rawRequest(line, [...headers, "content-length: 1000"]);
  expect((await sendRaw(webhook.url, `${request}{"x": `)).status).toBe(429);
  expect(webhook.stub.takeMethods()).toEqual(["userInfo"]);
});

test("behind trusted proxies the address is that of who asked them", async () => {
  const webhook = await startLimited({ perAddress: "1/min" }, { trustedProxies: ["127.0.0.1"] });
  const from = (address: string) =>
    fetch(`${webhook.url}/me`, { headers: { "x-forwarded-for": address } });
  expect((await from("192.0.2.1")).status).toBe(401);
  expect((await from("192.0.2.1")).status).toBe(429);
  expect((await from("192.0.2.2")).status).toBe(401);
  // What a client writes in front of its own address is not believed.
  expect((await from("198.51.100.9, 192.0.2.2")).status).toBe(429);
  expect((await from("2001:db8:1:1::1")).status).toBe(401);
  expect((await from("2001:db8:1:1::2")).status).toBe(429);
});

test("without trusted proxies nobody chooses an address", async () => {
  const webhook = await startLimited({ perAddress: "1/min" });
  const from = (address: string) =>
    fetch(`${webhook.url}/me`, { headers: { "x-forwarded-for": address } });
  expect((await from("192.0.2.1")).status).toBe(401);
  expect((await from("192.0.2.2")).status).toBe(429);
});

test("neither the log nor an answer has a credential", async () => {
  const { logger, lines } = createLog();
  const webhook = await startLimited({ perCredential: "1/min" }, { logger });
  const caller = createCaller(webhook.url, "planted-secret");
  await caller.get("/me");
  const { body, headers } = await caller.get("/me");
  expect(JSON.stringify([body, [...headers], lines])).not.toContain("planted-secret");
});

test("without limits answers have no headers of limits", async () => {
  await using webhook = await startTestWebhook();
  const { headers } = await createCaller(webhook.url, "a").get("/me");
  expect([...headers.keys()].filter((name) => name.startsWith("ratelimit"))).toEqual([]);
});

test.each([
  [{}, /rateLimits has no rate/],
  [{ perCredentials: "1/s" }, /Did you mean perCredential\?/],
  [{ perCredential: "often" }, /rateLimits\.perCredential is not a rate/],
  [{ perRoute: { runtask: "1/s" } }, /Did you mean run_task\?/],
  [{ perRoute: { health: "1/s" } }, /probes have to reach/],
  [{ perRoute: { run_task: "1" } }, /rateLimits\.perRoute\["run_task"\] is not a rate/],
  [{ perRoute: { "hook:github": "1/s" } }, /names the hook "github", which does not exist/],
  [{ global: "1/s", redis: { url: "localhost", keySecret: "x".repeat(32) } }, /redis\.url/],
  [{ global: "1/s", redis: { url: "redis://h", keySecret: "short" } }, /redis\.keySecret/],
  [
    { global: "1/s", redis: { url: "redis://h", keySecret: "x".repeat(32), prefix: "" } },
    /redis\.prefix/,
  ],
  [
    { global: "1/s", redis: { url: "redis://h", keySecret: "x".repeat(32), onFailure: "allow" } },
    /redis\.onFailure is "allow"/,
  ],
])("%j is refused at construction", async (rateLimits, message) => {
  const controlPlane = createControlPlane({ endpoint: "http://127.0.0.1:1" });
  onTestFinished(() => controlPlane.close());
  const options = { name: "limited", controlPlane, endpoints: ["me", "run_task"] as const };
  const create = () =>
    createWebhook({ ...options, runScope: "task", rateLimits: rateLimits as never });
  expect(create).toThrow(message);
});
