import { request } from "undici";
import { afterAll, beforeAll, expect, test } from "vitest";
import { unusedPort } from "../support/unused-port.ts";
import { type PythonSdk, startPythonSdk } from "./python-sdk.ts";

/**
 * The webhook of Flyte's Python SDK, unchanged, as an app of the devbox: what it asks of a control plane
 * the devbox answers, with the rights of whoever called.
 */
let sdk: PythonSdk;
let endpoint: URL;

beforeAll(async () => {
  sdk = await startPythonSdk();
  const served = await sdk.run("original.py", {
    HOOK_PORT: String(await unusedPort()),
    OTHER_PORT: String(await unusedPort()),
    _U_EP_OVERRIDE: sdk.tlsEndpoint,
  });
  endpoint = new URL(String(served));
});

afterAll(() => sdk?.[Symbol.asyncDispose]());

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests assert on what they find in an answer
  readonly body: any;
}

/** Asks the webhook through the gateway, as a user or as nobody. */
async function call(user: string | undefined, line: string, input?: object): Promise<Answer> {
  const [method = "", path = ""] = line.split(" ");
  const { statusCode: status, body } = await request(`http://127.0.0.1:${endpoint.port}${path}`, {
    method: method === "POST" ? "POST" : "GET",
    headers: {
      host: endpoint.host,
      ...(user === undefined ? {} : { authorization: `Bearer ${sdk.server.ready.keys[user]}` }),
      ...(input === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(input === undefined ? {} : { body: JSON.stringify(input) }),
  });
  const text = await body.text();
  return { status, body: text.startsWith("{") ? JSON.parse(text) : text };
}

test("it knows its callers, whom the gateway has let in", async () => {
  expect(await call("alice", "GET /me")).toEqual({
    status: 200,
    body: { subject: "alice", name: "Alice Admin" },
  });
  expect((await call("bob", "GET /me")).body).toMatchObject({ subject: "bob" });
  expect((await call(undefined, "GET /me")).status).toBe(401);
});

test("it runs tasks of both SDKs, and reads what they answered", async () => {
  for (const [task, input, outputs] of [
    ["stats.describe", { values: [1.5, 2.5] }, { o1: 2 }],
    ["asked.double", { x: 21 }, { o0: 42 }],
  ] as const) {
    const started = await call("bob", `POST /run-task/development/flytesnacks/${task}`, input);
    expect(started).toMatchObject({ status: 200, body: { name: expect.any(String) } });
    const path = `GET /run/${started.body.name}`;
    await expect.poll(async () => (await call("bob", path)).body.done).toBe(true);
    expect((await call("bob", `${path}/io`)).body).toMatchObject({ inputs: input, outputs });
  }
});

test("it passes on what the devbox refuses", async () => {
  const task = (domain: string, name: string) =>
    call("bob", `POST /run-task/${domain}/flytesnacks/${name}`, {});
  expect(await task("development", "absent.task")).toMatchObject({ status: 404 });
  expect(await call("alice", "GET /run/absent")).toMatchObject({ status: 404 });
  expect(await call("alice", "GET /app/absent")).toMatchObject({ status: 404 });
});

test("it puts an app to sleep and wakes it", async () => {
  expect((await call("bob", "GET /app/other")).body).toMatchObject({ is_active: true });
  expect((await call("bob", "POST /app/other/deactivate?wait=true")).status).toBe(200);
  expect((await call("bob", "GET /app/other")).body).toMatchObject({ is_deactivated: true });
  expect((await call("bob", "POST /app/other/activate?wait=true")).status).toBe(200);
  expect((await call("bob", "GET /app/other")).body).toMatchObject({ is_active: true });
});

test("the command of the SDK lists apps by their state and creator", async () => {
  const names = async (...options: string[]) => {
    const rows = await sdk.flyte("get", "app", ...options);
    return rows.map(([name, , , state]) => `${name} ${state}`).sort();
  };
  const all = ["original ACTIVE", "other ACTIVE"];
  expect(await names()).toEqual(all);
  expect(await names("--only-mine", "--status", "active")).toEqual(all);
  expect(await names("--status", "failed")).toEqual([]);
});

test("it switches a trigger", async () => {
  const listed = () => sdk.flyte("get", "trigger", "asked.double");
  expect(await listed()).toMatchObject([["asked.double", "daily", expect.any(String), "True"]]);
  expect((await call("bob", "POST /trigger/asked.double/daily/deactivate")).status).toBe(200);
  expect(await listed()).toMatchObject([["asked.double", "daily", expect.any(String), "False"]]);
});
