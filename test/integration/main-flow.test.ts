import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bearerAuthenticator } from "../../src/client/auth/bearer.ts";
import type { ControlPlane } from "../../src/client/control-plane.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { ServerProcess } from "../support/dev-process.ts";
import { type Caller, createCaller } from "../support/http.ts";

/** The way of a newcomer: `flyte-webhook dev` as a process of its own, spoken to over HTTP. */
const task = "/run-task/development/flytesnacks";

let server: ServerProcess;
let restricted: ServerProcess;
let alice: Caller;
let bob: Caller;
let nobody: Caller;
/** Waits for what the webhook started; the webhook itself has no way to wait yet. */
let controlPlane: ControlPlane;

beforeAll(async () => {
  const args = ["dev", "--state", "memory", "--port", "0", "--devbox-port", "0"];
  [server, restricted] = await Promise.all([
    ServerProcess.start(args),
    ServerProcess.start([...args, "--task-allowlist", "flytesnacks/stats.describe"]),
  ]);
  const { webhook, keys, controlPlane: endpoint } = server.ready;
  alice = createCaller(webhook, keys["alice"]);
  bob = createCaller(webhook, keys["bob"]);
  nobody = createCaller(webhook);
  controlPlane = createControlPlane({
    endpoint,
    project: "flytesnacks",
    domain: "development",
    authenticator: bearerAuthenticator(keys["alice"] ?? ""),
  });
});

afterAll(async () => {
  await controlPlane?.close();
  await Promise.all([server?.[Symbol.asyncDispose](), restricted?.[Symbol.asyncDispose]()]);
});

test("the ready file names every address and the keys of two users", () => {
  expect(server.ready).toEqual({
    webhook: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    controlPlane: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    console: expect.stringMatching(/^http:/),
    gateway: expect.stringMatching(/^http:\/\/localhost:\d+$/),
    keys: { alice: expect.stringMatching(/^fwk_/), bob: expect.stringMatching(/^fwk_/) },
  });
});

test("a run goes from the request to its real outputs", async () => {
  const started = await alice.post(`${task}/stats.describe`, { values: [1, 2, 3, 4] });
  expect(started.status).toBe(200);
  expect(started.body).toEqual({
    url: `${server.ready.controlPlane}/v2/domain/development/project/flytesnacks/runs/${started.body.name}`,
    name: expect.stringMatching(/^r[a-z0-9]{19}$/),
  });
  const { name } = started.body;

  const early = await alice.get(`/run/${name}`);
  expect(early.body).toMatchObject({ name, done: expect.any(Boolean), url: started.body.url });

  await controlPlane.runs.wait({ name });
  expect((await alice.get(`/run/${name}`)).body).toEqual({
    name,
    phase: "succeeded",
    url: started.body.url,
    done: true,
  });
  const io = await alice.get(`/run/${name}/io`);
  expect(io.body).toMatchObject({ name, inputs: { values: [1, 2, 3, 4] } });
  expect(Object.values(io.body.outputs)).toContain(2.5);
});

test("a run is seen queued or running before it succeeds", async () => {
  const { body } = await alice.post(`${task}/slow.count`, { to: 600 });
  const seen = new Set<string>();
  for await (const status of controlPlane.runs.watch({ name: body.name })) {
    seen.add(status.phase);
    if (status.phase === "running") await alice.post(`/run/${body.name}/abort`);
  }
  expect([...seen].at(-1)).toBe("aborted");
  expect(seen).toContain("running");
});

test("abort answers as the original does and ends the run", async () => {
  const { body } = await alice.post(`${task}/slow.count`, { to: 600 });
  const aborted = await alice.post(`/run/${body.name}/abort?reason=enough`);
  expect(aborted).toMatchObject({
    status: 200,
    body: { name: body.name, status: "abort_requested", reason: "enough" },
  });
  const ended = await controlPlane.runs.wait({ name: body.name });
  expect(ended).toMatchObject({ phase: "aborted", abortReason: "enough" });
});

test("a task that fails is reported as failed, with its inputs and without outputs", async () => {
  const { body } = await alice.post(`${task}/failing.always`, {});
  const ended = await controlPlane.runs.wait({ name: body.name });
  expect(ended.phase).toBe("failed");
  const io = await alice.get(`/run/${body.name}/io`);
  expect(io.body).toEqual({
    name: body.name,
    inputs: expect.any(Object),
    outputs: null,
    error: expect.stringContaining("the model file is missing"),
  });
});

test("each run is owned by the caller whose credential started it", async () => {
  const [first, second] = await Promise.all([
    alice.post(`${task}/stats.describe`, { values: [1] }),
    bob.post(`${task}/stats.describe`, { values: [2] }),
  ]);
  expect((await controlPlane.runs.get({ name: first.body.name })).owner).toBe("alice");
  expect((await controlPlane.runs.get({ name: second.body.name })).owner).toBe("bob");
  expect((await bob.get("/me")).body).toMatchObject({ subject: "bob" });
});

describe("what is wrong is said, and nothing is started", () => {
  const problem = (status: number) => ({
    status,
    body: expect.objectContaining({ status, detail: expect.any(String) }),
  });

  test("no credential is 401 and names the scheme", async () => {
    const answer = await nobody.post(`${task}/stats.describe`, { values: [1] });
    expect(answer).toMatchObject(problem(401));
    expect(answer.headers.get("www-authenticate")).toBe("Bearer");
    expect(answer.headers.get("content-type")).toContain("application/problem+json");
  });

  test("a wrong key is 401 and is not repeated", async () => {
    const answer = await createCaller(server.ready.webhook, "fwk_planted_secret").get("/me");
    expect(answer).toMatchObject(problem(401));
    expect(JSON.stringify(answer.body)).not.toContain("planted");
  });

  test("a user without the right in production is 403", async () => {
    const path = "/run-task/production/flytesnacks/stats.describe";
    expect(await bob.post(path, { values: [1] })).toMatchObject(problem(403));
  });

  test("an unknown task is 404 and says so", async () => {
    const answer = await alice.post(`${task}/no.such`, {});
    expect(answer).toMatchObject(problem(404));
    expect(answer.body.detail).toBe(
      "Task no.such with version latest in development/flytesnacks not found",
    );
  });

  test("an unknown run is 404", async () => {
    expect(await alice.get("/run/rnosuchrun")).toMatchObject(problem(404));
  });

  test("every fault of the inputs is named at once", async () => {
    const answer = await alice.post(`${task}/regression.fit_line`, {
      x: [1, "two"],
      surplus: true,
    });
    expect(answer).toMatchObject(problem(400));
    const paths = answer.body.errors.map(({ path }: { path: unknown }) => JSON.stringify(path));
    expect(answer.body.errors.length).toBeGreaterThanOrEqual(3);
    expect(paths.join(" ")).toMatch(/x.*1/);
    expect(answer.body.detail).toContain("surplus");
    expect(answer.body.detail).toMatch(/\by\b/);
  });

  test("a task outside the allowlist is 403, and so is nothing but it", async () => {
    const caller = createCaller(restricted.ready.webhook, restricted.ready.keys["alice"]);
    const denied = await caller.post(`${task}/slow.count`, { to: 1 });
    expect(denied).toMatchObject(problem(403));
    expect(denied.body.detail).toBe(
      "Task development/flytesnacks/slow.count is not in the allowlist",
    );
    const allowed = await caller.post(`${task}/stats.describe`, { values: [1] });
    expect(allowed.status).toBe(200);
  });

  test.each([
    ["malformed JSON", { "content-type": "application/json" }, '{"values": [1', 400],
    ["another media type", { "content-type": "text/plain" }, '{"values": [1]}', 415],
    ["a form", { "content-type": "application/x-www-form-urlencoded" }, "values=1", 415],
    ["an array", { "content-type": "application/json" }, "[1]", 422],
  ])("%s is refused", async (_, headers, body, status) => {
    const before = await controlPlane.runs.list({}, { limit: 200 });
    const response = await fetch(`${server.ready.webhook}${task}/stats.describe`, {
      method: "POST",
      headers: { ...headers, authorization: `Bearer ${server.ready.keys["alice"]}` },
      body,
    });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ status, detail: expect.any(String) });
    expect(await controlPlane.runs.list({}, { limit: 200 })).toHaveLength(before.length);
  });
});

test("a stop ends everything within the grace time and with exit code 0", async () => {
  await using own = await ServerProcess.start([
    "dev",
    "--state",
    "memory",
    "--port",
    "0",
    "--devbox-port",
    "0",
  ]);
  const caller = createCaller(own.ready.webhook, own.ready.keys["alice"]);
  await caller.post(`${task}/slow.count`, { to: 600 });
  expect(await own.stop("SIGTERM")).toBe(0);
  await expect(fetch(`${own.ready.webhook}/health`)).rejects.toThrow();
  expect(own.stderr).not.toContain("defect");
});
