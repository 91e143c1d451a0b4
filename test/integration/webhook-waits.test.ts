import { once } from "node:events";
import { request } from "node:http";
import { Code, ConnectError } from "@connectrpc/connect";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Answer } from "../support/http.ts";
import { startTestWebhook, type TestWebhook, useBothModes } from "../support/webhook.ts";

const both = useBothModes();
const runTask = "/run-task/development/flytesnacks/allowed.main";
const andWait = "/run-task-and-wait/development/flytesnacks/allowed.main";
const fire = "/trigger/allowed.main/nightly/fire";
const read = "/run/run-of-allowed";

interface Asked {
  readonly prefer?: string;
  readonly key?: string;
}

/** Starts a run, or reads one where the path is that of a run. */
async function ask(url: string, path: string, asked: Asked = {}): Promise<Answer> {
  const { prefer, key = "key" } = asked;
  const isRead = path.startsWith("/run/");
  const response = await fetch(`${url}${path}`, {
    method: isRead ? "GET" : "POST",
    headers: {
      authorization: `Bearer ${key}`,
      ...(prefer !== undefined && { prefer }),
      ...(!isRead && { "content-type": "application/json" }),
    },
    ...(!isRead && { body: '{"x":1}' }),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

const starts = [`${runTask}?wait=30`, `${fire}?wait=30`, andWait];

describe("a request that waits", () => {
  test.each([...starts, `${read}?wait=30`])(
    "%s is answered at the end of the run",
    async (path) => {
      const { url, stub } = both.ours;
      const waiting = ask(url, path);
      await stub.runs.watches.until(1);
      stub.runs.watches.end(path.startsWith("/run/") ? "run-of-allowed" : "rnew");
      const { status, headers, body } = await waiting;
      expect(status).toBe(200);
      expect(body).toMatchObject({ phase: "succeeded", done: true, outputs: null });
      expect(Object.keys(body).sort()).toEqual(["done", "name", "outputs", "phase", "url"]);
      expect(headers.get("preference-applied")).toBeNull();
      await stub.runs.watches.until(0);
    },
  );

  test.each([...starts, `${read}?wait=30`])("%s is 424 when the run fails", async (path) => {
    const { url, stub } = both.ours;
    const waiting = ask(url, path, { key: "planted-key" });
    await stub.runs.watches.until(1);
    const name = path.startsWith("/run/") ? "run-of-allowed" : "rnew";
    stub.runs.watches.end(name, 6, "no rows\u0007 for planted-key");
    const { status, headers, body } = await waiting;
    expect(status).toBe(424);
    expect(headers.get("content-type")).toBe("application/problem+json");
    expect(body).toMatchObject({
      code: "run_failed",
      name,
      phase: "failed",
      done: true,
      url: `${stub.url}/v2/domain/development/project/flytesnacks/runs/${name}`,
      title: "Run failed",
    });
    expect(body.error).toMatch(/^no rows {1,2}for \S+$/);
    expect(body.detail).toBe(`Run ${name} failed: ${body.error}`);
    expect(JSON.stringify(body)).not.toContain("planted-key");
  });

  test.each([
    [7, "aborted", "was aborted."],
    [8, "timed_out", "timed out."],
  ])("is 424 for phase %i, too", async (phase, name, text) => {
    const { url, stub } = both.ours;
    stub.runs.watches.end("run-of-allowed", phase);
    const { status, body } = await ask(url, `${read}?wait=5`);
    expect([status, body.phase, body.done]).toEqual([424, name, true]);
    expect(body.detail).toBe(`Run run-of-allowed ${text}`);
    expect(body).not.toHaveProperty("error");
  });

  test("is 202 when its time is over, with where to ask and when", async () => {
    await using webhook = await startTestWebhook({ waitLimitMs: 50 });
    const { url } = webhook;
    for (const path of [...starts, `${read}?wait=1`]) {
      const { status, headers, body } = await ask(url, path);
      const name = path.startsWith("/run/") ? "run-of-allowed" : "rnew";
      expect(status).toBe(202);
      expect(body).toEqual({
        ...{ name, url: expect.stringContaining(`/runs/${name}`) },
        ...{ phase: "running", done: false, wait: 1 },
      });
      expect(headers.get("retry-after")).toBe("1");
      const location = headers.get("location") ?? "";
      const target = `/run/${name}?project=flytesnacks&domain=development`;
      expect(new URL(location, `${url}${path}`).href).toBe(`${url}${target}`);
      const behind = new URL(location, `https://example.com/prefix${path}`);
      expect(behind.href).toBe(`https://example.com/prefix${target}`);
    }
  });

  test("is not told of an address that is not served", async () => {
    await using webhook = await startTestWebhook({ endpoints: ["run_task"] });
    const { status, headers } = await ask(webhook.url, `${runTask}?wait=0`);
    expect([status, headers.get("location")]).toEqual([202, null]);
  });

  test("that leaves ends the watch, and not the run", async () => {
    const { url, stub } = both.ours;
    for (const path of [andWait, `${read}?wait=30`]) {
      const leaving = request(`${url}${path}`, {
        method: path === andWait ? "POST" : "GET",
        headers: { authorization: "Bearer key", "content-type": "application/json" },
      });
      leaving.on("error", () => undefined);
      leaving.end(path === andWait ? '{"x":1}' : undefined);
      await stub.runs.watches.until(1);
      leaving.destroy();
      await stub.runs.watches.until(0);
    }
    expect(stub.takeMethods()).not.toContain("abortRun");
    expect((await ask(url, "/run/rnew")).body).toMatchObject({ phase: "running", done: false });
  });

  test("is answered at once when the webhook closes, and keeps it from nothing", async () => {
    const webhook = await startTestWebhook();
    const { url, stub } = webhook;
    const waiting = [ask(url, andWait), ask(url, `${read}?wait=30`)];
    await stub.runs.watches.until(2);
    const closing = webhook[Symbol.asyncDispose]();
    for (const { status, headers, body } of await Promise.all(waiting)) {
      expect([status, body.done, headers.get("retry-after")]).toEqual([202, false, "5"]);
    }
    await closing;
  });

  test("beyond those that may is answered without waiting", async () => {
    await using webhook = await startTestWebhook({ maxWaiters: 1 });
    const { url, stub } = webhook;
    const first = ask(url, `${read}?wait=30`);
    await stub.runs.watches.until(1);
    const { status, headers, body } = await ask(url, andWait);
    expect([status, body.done, headers.get("retry-after")]).toEqual([202, false, "5"]);
    stub.runs.watches.end("run-of-allowed");
    expect((await first).status).toBe(200);
  });

  test("holds no place of those that work", async () => {
    await using webhook = await startTestWebhook({
      maxConcurrentRequests: 1,
      maxQueuedRequests: 1,
    });
    const { url, stub } = webhook;
    const waiting = ask(url, `${read}?wait=30`);
    await stub.runs.watches.until(1);
    expect((await ask(url, read)).status).toBe(200);
    stub.runs.watches.end("run-of-allowed");
    expect((await waiting).status).toBe(200);
  });

  test("goes on while watches break off and fail, and is told the truth", async () => {
    const { url, stub } = both.ours;
    const waiting = ask(url, andWait);
    await stub.runs.watches.until(1);
    stub.runs.watches.breakOff();
    await stub.runs.watches.until(0);
    await stub.runs.watches.until(1);
    stub.runs.watches.end("rnew");
    expect((await waiting).status).toBe(200);
  });

  test("is 202 where the run is started and may not be followed", async () => {
    const { url, stub } = both.ours;
    stub.failures.set("watchActionDetails", new ConnectError("not yours", Code.PermissionDenied));
    const { status, body } = await ask(url, andWait);
    expect([status, body.done, body.name]).toEqual([202, false, "rnew"]);
    const problem = await ask(url, `${read}?wait=30`);
    expect([problem.status, problem.body.code]).toEqual([403, "permission_denied"]);
  });

  test("keeps to its fences", async () => {
    await using webhook = await startTestWebhook({ taskAllowlist: ["allowed.main"] });
    const { url, stub } = webhook;
    for (const name of ["run-of-other", "run-of-unknown", "absent"]) {
      const { status, body } = await ask(url, `/run/${name}?wait=30`);
      expect([status, body.detail]).toEqual([404, `Run ${name} not found`]);
    }
    const denied = await ask(url, andWait.replace("allowed", "other"));
    expect([denied.status, denied.body.code]).toEqual([403, "not_allowlisted"]);
    expect(stub.takeMethods()).not.toContain("watchActionDetails");
  });
});

describe("how long a request waits", () => {
  let short: TestWebhook;

  beforeAll(async () => {
    short = await startTestWebhook({ waitLimitMs: 1 });
  });
  afterEach(() => short.stub.reset());
  afterAll(() => short[Symbol.asyncDispose]());

  test.each<[path: string, prefer: string | undefined, status: number, applied: string | null]>([
    [runTask, undefined, 200, null],
    [runTask, "wait=5", 202, "wait=1"],
    [runTask, 'Wait="5"; x=y, foo', 202, "wait=1"],
    [runTask, "wait=0", 202, "wait=0"],
    [runTask, "respond-async", 202, "respond-async"],
    [runTask, "respond-async, wait=999999999", 202, "wait=1"],
    [runTask, "return=minimal, handling=strict", 200, null],
    [`${runTask}?wait=0`, "wait=5", 202, null],
    [andWait, undefined, 202, null],
    [andWait, "respond-async", 202, "respond-async"],
    [read, "wait=5", 202, "wait=1"],
    [read, "respond-async", 202, "respond-async"],
    [fire, "wait=5", 202, "wait=1"],
    // A preference that cannot be followed is ignored.
    [runTask, "wait", 200, null],
    [runTask, "wait=", 200, null],
    [runTask, "wait=soon", 200, null],
    [runTask, "wait=-1", 200, null],
    [runTask, "wait=1.5", 200, null],
    [runTask, "wait=1e3", 200, null],
    [runTask, "wait=0x10", 200, null],
    [runTask, `wait=${"9".repeat(400)}`, 200, null],
    [runTask, "wait=soon, wait=5", 200, null],
    [runTask, "respond-async=5", 200, null],
    [runTask, '"', 200, null],
    [runTask, ",".repeat(2000), 200, null],
    [runTask, "wait=5".repeat(1000), 200, null],
    [runTask, "é, wait=5", 202, "wait=1"],
  ])("%s with %j is %i", async (path, prefer, status, applied) => {
    const answer = await ask(short.url, path, prefer === undefined ? {} : { prefer });
    expect(answer.status).toBe(status);
    expect(answer.headers.get("preference-applied")).toBe(applied);
  });

  test.each(["-1", "1.5", "soon", "", "1e3", "9".repeat(30), "0x1", "%00", "1&wait=2", "NaN"])(
    "?wait=%s is 422, and starts nothing",
    async (wait) => {
      for (const path of [runTask, andWait, fire, read]) {
        const { status, body } = await ask(short.url, `${path}?wait=${wait}`);
        expect([status, body.errors[0].path]).toEqual([422, "query.wait"]);
      }
      // The watch of a run that was waited for before may still end.
      expect(short.stub.takeMethods()).not.toContain("createRun");
    },
  );

  test("several headers are one list", async () => {
    const asking = request(`${short.url}${read}`, {
      headers: { authorization: "Bearer key", prefer: ["respond-async", "wait=7"] },
    }).end();
    const [answer] = await once(asking, "response");
    answer.resume();
    expect([answer.statusCode, answer.headers["preference-applied"]]).toEqual([202, "wait=1"]);
  });

  test("other endpoints do not know of it", async () => {
    const { status, body } = await ask(short.url, "/run/run-of-allowed/io", { prefer: "wait=5" });
    expect([status, Object.keys(body)]).toEqual([200, ["name", "inputs", "outputs"]]);
  });
});

describe("like upstream", () => {
  test("the original's endpoints know neither the parameter nor the header", async () => {
    const { url, stub } = both.upstream;
    const started = await ask(url, `${runTask}?wait=30`, { prefer: "wait=30" });
    expect([started.status, Object.keys(started.body)]).toEqual([200, ["url", "name"]]);
    const found = await ask(url, `${read}?wait=x`, { prefer: "wait=30" });
    expect([found.status, Object.keys(found.body)]).toEqual([
      200,
      ["name", "phase", "url", "done"],
    ]);
    expect(stub.takeMethods()).not.toContain("watchActionDetails");
  });

  test("the others wait, and fail in the original's form", async () => {
    const { url, stub } = both.upstream;
    for (const path of [andWait, `${fire}?wait=30`]) {
      const waiting = ask(url, path);
      await stub.runs.watches.until(1);
      stub.runs.watches.end("rnew", 6, "no rows");
      const { status, body } = await waiting;
      expect([status, body]).toEqual([424, { detail: "Run rnew failed: no rows" }]);
      await stub.runs.watches.until(0);
      stub.reset();
    }
  });
});
