import { execFile } from "node:child_process";
import { createHmac } from "node:crypto";
import { get } from "node:http";
import { resolve } from "node:path";
import { json } from "node:stream/consumers";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import * as allowlists from "../../examples/apps/allowlists.ts";
import { start as startAuthMetadata } from "../../examples/apps/auth-metadata.ts";
import { env as basic } from "../../examples/apps/basic-webhook.ts";
import { runTask } from "../../examples/apps/call-webhook.ts";
import { env as custom } from "../../examples/apps/custom-app.ts";
import { deployApps } from "../../examples/apps/deploy-apps.ts";
import { env as groups } from "../../examples/apps/endpoint-groups.ts";
import { env as outliers } from "../../examples/apps/parameters.ts";
import { env as waiting } from "../../examples/apps/run-and-wait.ts";
import { env as single } from "../../examples/apps/single-endpoints.ts";
import { env as validating } from "../../examples/apps/validation.ts";
import {
  type AppEnvironment,
  closeControlPlane,
  createControlPlane,
  init,
  serve,
} from "../../src/index.ts";
import { ServerProcess } from "../support/dev-process.ts";
import { type Caller, createCaller } from "../support/http.ts";

/** Every example of an app, against a devbox with the example tasks on it. */
let dev: ServerProcess;
let alice: string;

beforeAll(async () => {
  dev = await ServerProcess.start([
    "dev",
    "--state",
    "memory",
    "--port",
    "0",
    "--devbox-port",
    "0",
  ]);
  alice = dev.ready.keys["alice"] ?? "";
  vi.stubEnv("HOME", "/nonexistent");
  vi.stubEnv("FLYTE_ENDPOINT", dev.ready.controlPlane);
  vi.stubEnv("FLYTE_INTERNAL_EXECUTION_PROJECT", "flytesnacks");
  vi.stubEnv("FLYTE_INTERNAL_EXECUTION_DOMAIN", "development");
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await closeControlPlane();
  await dev[Symbol.asyncDispose]();
});

/** Serves an example for the length of a test. */
async function serving(env: AppEnvironment): Promise<{ url: string; as(key?: string): Caller }> {
  const app = await serve(env, { mode: "local", port: 0 });
  onTestFinished(() => app[Symbol.asyncDispose]());
  return { url: app.endpoint, as: (key) => createCaller(app.endpoint, key) };
}

async function pathsOf(env: AppEnvironment): Promise<string[]> {
  const app = await serving(env);
  const { body } = await app.as().get("/openapi.json");
  return Object.keys(body.paths).sort();
}

/** The run as the control plane knows it. */
async function findRun(name: string) {
  await using controlPlane = createControlPlane({
    endpoint: dev.ready.controlPlane,
    project: "flytesnacks",
    domain: "development",
  });
  const auth = [["authorization", `Bearer ${alice}`]] as const;
  return controlPlane.runs.wait({ name }, { auth });
}

test("the basic webhook serves all eighteen endpoints", async () => {
  const app = await serving(basic);
  expect((await app.as().get("/health")).body).toEqual({ status: "healthy" });
  expect((await app.as(alice).get("/me")).body).toEqual({ subject: "alice", name: "Alice Admin" });
  const { body } = await app.as().get("/openapi.json");
  expect(body.info).toMatchObject({ title: "My Flyte webhook" });
  expect(Object.values<object>(body.paths).flatMap(Object.keys)).toHaveLength(18);
  expect(basic.links.map(({ path }) => path)).toContain("/docs");
});

test("a webhook of three groups serves seven endpoints", async () => {
  expect(await pathsOf(groups)).toEqual([
    "/health",
    "/me",
    "/run-task/{domain}/{project}/{name}",
    "/run/{name}",
    "/run/{name}/abort",
    "/run/{name}/io",
    "/task/{domain}/{project}/{name}",
  ]);
});

test("a webhook of three endpoints serves these alone", async () => {
  expect(await pathsOf(single)).toEqual([
    "/health",
    "/run-task/{domain}/{project}/{name}",
    "/run/{name}",
  ]);
});

test("the allowlists let through what they name", async () => {
  const app = (await serving(allowlists.env)).as(alice);
  const path = "/run-task/development/flytesnacks";
  expect((await app.post(`${path}/stats.describe`, { values: [1] })).status).toBe(200);
  expect(await app.post(`${path}/slow.count`, {})).toMatchObject({
    status: 403,
    body: { detail: "Task development/flytesnacks/slow.count is not in the allowlist" },
  });
  expect((await app.get("/app/model-server")).status).toBe(403);
  expect((await app.get("/app/restricted-webhook")).status).toBe(400);
  expect((await app.post("/trigger/orders.nightly/hourly/activate")).status).toBe(403);
});

test.each([
  ["/task/production/flytesnacks/stats.describe", 403],
  ["/task/development/flytesnacks/stats.describe", 200],
  ["/task/production/flytesnacks/orders.nightly", 200],
  ["/task/production/other/orders.nightly", 403],
  ["/task/production/other/slow.count", 404],
])("the allowlist of tasks decides on %s: %i", async (path, status) => {
  const app = (await serving(allowlists.tasks)).as(alice);
  expect((await app.get(path)).status).toBe(status);
});

test("the custom app runs a task as its caller", async () => {
  const app = await serving(custom);
  expect((await app.as().get("/health")).body).toEqual({ status: "ok" });
  expect(await app.as().post("/run-my-task", {})).toMatchObject({
    status: 401,
    body: { detail: "Authentication credentials required" },
  });
  expect((await app.as(alice).get("/me")).body).toEqual({
    subject: "alice",
    name: "Alice Admin",
    project: "flytesnacks",
    domain: "development",
  });
  const { body } = await app.as(dev.ready.keys["bob"]).post("/run-my-task", { values: [1, 2] });
  expect(body).toEqual({ run_id: expect.any(String), url: expect.stringContaining(body.run_id) });
  expect(await findRun(body.run_id)).toMatchObject({ phase: "succeeded", owner: "bob" });
  expect(await app.as(alice).post("/run-my-task", { values: "x" })).toMatchObject({
    status: 400,
    body: { code: "invalid_input" },
  });
});

test("the app without middleware tells each caller who they are", async () => {
  const server = await startAuthMetadata(0);
  onTestFinished(() => void server.close());
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("not listening");
  const url = `http://127.0.0.1:${address.port}`;
  expect((await createCaller(url).get("/")).status).toBe(401);
  expect((await createCaller(url, alice).get("/")).body.subject).toBe("alice");
  expect((await createCaller(url, dev.ready.keys["bob"]).get("/")).body.subject).toBe("bob");
  expect((await createCaller(url, "fwk_wrong").get("/")).status).toBe(401);
});

test("the app with a key of its own runs tasks under its own identity", async () => {
  vi.stubEnv("WEBHOOK_API_KEY", "shared-key");
  vi.stubEnv("FLYTE_API_KEY", alice);
  const { env } = await import("../../examples/apps/api-key-app.ts");
  const app = await serving(env);
  const version = await latestVersion("stats.describe");
  const path = `/run-task/flytesnacks/development/stats.describe/${version}`;
  expect((await app.as().get("/health")).body).toEqual({ status: "healthy" });
  for (const key of [undefined, "wrong", `${"x".repeat(500)}`]) {
    expect((await app.as(key).post(path, { values: [1] })).status).toBe(403);
  }
  const { body } = await app.as("shared-key").post(path, { values: [1] });
  expect(body).toEqual({ url: expect.any(String), id: expect.any(String), status: "started" });
  expect(await findRun(body.id)).toMatchObject({ owner: "alice" });
});

test("an app whose secret is not there does not start, and names it", async () => {
  vi.stubEnv("WEBHOOK_API_KEY", undefined);
  const { env } = await import("../../examples/apps/api-key-app.ts");
  await expect(serve(env, { mode: "local", port: 0 })).rejects.toThrow(/WEBHOOK_API_KEY/);
});

async function latestVersion(name: string): Promise<string> {
  const path = `/task/development/flytesnacks/${name}`;
  return (await createCaller(dev.ready.webhook, alice).get(path)).body.version;
}

test("the validating app refuses a wrong body before anything is started", async () => {
  const app = (await serving(validating)).as(alice);
  for (const body of [
    {},
    { values: [] },
    { values: [1], priority: 10 },
    { values: [1], more: 1 },
  ]) {
    expect((await app.post("/orders", body)).status).toBe(422);
  }
  const accepted = await app.post("/orders", { values: [1, 2] });
  expect(accepted).toMatchObject({ status: 200, body: { priority: 0 } });
  expect((await findRun(accepted.body.run_id)).phase).toBe("succeeded");
});

test("the waiting app answers with the outputs, or with what went wrong", async () => {
  const app = (await serving(waiting)).as(alice);
  const path = "/run-task-and-wait/development/flytesnacks";
  expect((await app.post(`${path}/stats.describe`, { values: [1, 3] })).body).toMatchObject({
    status: "succeeded",
    outputs: { o0: 2, o1: 2 },
  });
  const failed = await app.post(`${path}/failing.always`, { reason: "no coffee" });
  expect(failed).toMatchObject({ status: 424, body: { code: "run_failed" } });
  expect(failed.body.detail).toContain("no coffee");
});

test("the GitHub app starts a run for a signed push, and for nothing else", async () => {
  vi.stubEnv("GITHUB_WEBHOOK_SECRET", "it is signed");
  vi.stubEnv("FLYTE_API_KEY", alice);
  const { env } = await import("../../examples/apps/github-events.ts");
  const app = await serving(env);
  const commit = "0123456789abcdef0123456789abcdef01234567";
  const body = JSON.stringify({ ref: "refs/heads/main", after: commit });
  const sign = (text: string) =>
    `sha256=${createHmac("sha256", "it is signed").update(text).digest("hex")}`;
  const send = async (event: string, signature: string | undefined) => {
    const answer = await fetch(`${app.url}/github`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "x-github-event": event,
        ...(signature !== undefined && { "x-hub-signature-256": signature }),
      },
      body,
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, string> };
  };
  const right = sign(body);
  for (const wrong of [undefined, "", "sha256=", right.slice(0, -1), `${right}0`, sign("other")]) {
    expect(await send("push", wrong)).toMatchObject({
      status: 403,
      body: { detail: "Invalid signature" },
    });
  }
  expect((await send("ping", right)).body).toEqual({ status: "ignored", event: "ping" });
  const pushed = await send("push", right);
  expect(await findRun(pushed.body["run_id"] ?? "")).toMatchObject({
    phase: "succeeded",
    task: { name: "ci.plan_build" },
  });
});

test("the client runs a task through the webhook and prints what came out", async () => {
  const client = { url: dev.ready.webhook, key: alice };
  const task = "development/flytesnacks/stats.describe";
  expect(await runTask(client, task, { values: [2, 4] })).toMatchObject({ o0: 2, o1: 3 });
  await expect(runTask(client, `${task}x`, {})).rejects.toThrow(/404.*not found/);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--import", import.meta.resolve("tsx"), resolve("examples/apps/call-webhook.ts")],
    { env: { ...process.env, WEBHOOK_URL: dev.ready.webhook, FLYTE_API_KEY: alice } },
  );
  expect(stdout).toContain("Calling as Alice Admin");
  expect(stdout).toContain("o1: 2.8");
});

/** As whoever serves and deploys, for the length of a test. */
async function connect(): Promise<void> {
  await init({ apiKey: alice, configFile: false });
  onTestFinished(closeControlPlane);
}

async function runStatistics(values: readonly number[]): Promise<void> {
  const path = "/run-task/development/flytesnacks/stats.describe";
  const { body } = await createCaller(dev.ready.webhook, alice).post(path, { values });
  expect(await findRun(body.name)).toMatchObject({ phase: "succeeded" });
}

test("the app with parameters gets the newest result of a task, and what it is served with", async () => {
  await runStatistics([1, 3]);
  await connect();
  const app = await serve(outliers, {
    mode: "local",
    port: 0,
    parameterValues: { outliers: { tolerance: "5" } },
  });
  onTestFinished(() => app[Symbol.asyncDispose]());
  const { body } = await createCaller(app.endpoint).get("/check?value=6");
  expect(body).toEqual({ mean: 2, distance: 4, near: true });
});

test("the example that deploys leaves two apps that are active, and the second time alone", async () => {
  await runStatistics([4]);
  await connect();
  const told = vi.spyOn(console, "error").mockImplementation(() => undefined);
  onTestFinished(() => told.mockRestore());
  const first = await deployApps("v1");
  expect(first.map(({ spec, change, status }) => [spec.name, change, status?.phase])).toEqual([
    ["task-runner-webhook", "created", "active"],
    ["outliers", "created", "active"],
  ]);
  const endpoint = new URL(first[1]?.status?.endpoint ?? "");
  expect(await rawGet(endpoint, "/check?value=5")).toMatchObject({ status: 401 });
  expect(await rawGet(endpoint, "/check?value=5", alice)).toEqual({
    status: 200,
    body: { mean: 4, distance: 1, near: true },
  });
  const again = await deployApps("v1");
  expect(again.map(({ change }) => change)).toEqual(["unchanged", "unchanged"]);
  expect(told).toHaveBeenLastCalledWith(
    'App "outliers" is unchanged: its description is the same.',
  );
});

/** To an app by its public address, which this machine's resolver may not know. */
function rawGet(
  { host, port }: URL,
  path: string,
  key?: string,
): Promise<{ status: number | undefined; body: unknown }> {
  const authorization = key === undefined ? {} : { authorization: `Bearer ${key}` };
  return new Promise((resolve, reject) => {
    const request = get({ host: "127.0.0.1", port, path, headers: { host, ...authorization } });
    request.once("error", reject);
    request.once("response", async (response) => {
      resolve({ status: response.statusCode, body: await json(response) });
    });
  });
}
