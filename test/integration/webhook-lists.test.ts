import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ControlPlane } from "../../src/client/control-plane.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { type Devbox, startDevbox } from "../../src/devbox/index.ts";
import { createWebhook } from "../../src/webhook/create-webhook.ts";
import type { WebhookOptions } from "../../src/webhook/options.ts";
import { connect } from "../support/devbox-client.ts";
import { createCaller } from "../support/http.ts";

/** Lists through the webhook, against a devbox: what callers see, and what they do not. */
let devbox: Devbox;
let flyte: ControlPlane;
let open: string;
let fenced: string;
const closing: (() => Promise<unknown>)[] = [];

async function serve(options: Partial<WebhookOptions> = {}): Promise<string> {
  const groups = { endpointGroups: ["all", "list"] as const };
  const webhook = createWebhook({ name: "lists", controlPlane: flyte, ...groups, ...options });
  closing.unshift(() => webhook.close());
  return webhook.listen({ host: "127.0.0.1", port: 0 });
}

beforeAll(async () => {
  devbox = await startDevbox({ state: "memory", port: 0 });
  flyte = createControlPlane({
    endpoint: devbox.url,
    project: "flytesnacks",
    domain: "development",
  });
  closing.push(
    () => flyte.close(),
    () => devbox.close(),
  );
  const alice = connect(devbox, "alice");
  for (const name of ["public.a", "public.b", "secret.a"]) {
    const task = await alice.deployScript(name, "true");
    for (let count = 0; count < 4; count++) await alice.reach(await alice.start(task));
  }
  [open, fenced] = await Promise.all([serve(), serve({ taskAllowlist: ["public.b"] })]);
});

afterAll(async () => {
  for (const close of closing) await close();
});

const caller = (url: string, user = "alice") => createCaller(url, devbox.keys[user] ?? "");

test("runs tell what they are, by whom and since when", async () => {
  const { status, body } = await caller(open).get("/runs?limit=1&task=public.a");
  expect(status).toBe(200);
  expect(body.next).not.toBeNull();
  expect(body.runs).toHaveLength(1);
  expect(body.runs[0]).toMatchObject({
    ...{ project: "flytesnacks", domain: "development", phase: "succeeded", done: true },
    task: { name: "public.a", project: "flytesnacks", domain: "development" },
    ...{ owner: "alice", attempts: 1 },
  });
  const [{ started_at: start, ended_at: end, name, url }] = body.runs;
  expect(Date.parse(start)).toBeLessThanOrEqual(Date.parse(end));
  expect(url).toBe(`${devbox.url}/v2/domain/development/project/flytesnacks/runs/${name}`);
});

describe("a webhook of one task", () => {
  test("lists its runs alone, all of them, page by page", async () => {
    const seen: string[] = [];
    let after = "";
    do {
      const { body } = await caller(fenced).get(`/runs?limit=2${after}`);
      seen.push(...body.runs.map((run: { task: { name: string } }) => run.task.name));
      after = body.next === null ? "" : `&after=${body.next}`;
    } while (after !== "");
    expect(seen).toEqual(["public.b", "public.b", "public.b", "public.b"]);
  });

  test("lists its task alone, and nothing for a filter on another", async () => {
    const { body } = await caller(fenced).get("/tasks");
    expect(body.tasks.map(({ name }: { name: string }) => name)).toEqual(["public.b"]);
    expect((await caller(fenced).get("/runs?task=secret.a")).body).toEqual({
      ...{ runs: [], next: null },
    });
  });
});

test("an empty allowlist lists nothing", async () => {
  const none = await serve({ taskAllowlist: [], appAllowlist: [], triggerAllowlist: [] });
  for (const name of ["runs", "tasks", "apps", "triggers"]) {
    const { body } = await caller(none).get(`/${name}`);
    expect(body).toEqual({ [name]: [], next: null });
  }
});

test("the caller's own rights decide what is listed", async () => {
  const stranger = (devbox.keys["alice"] ?? "").replace(/.{4}$/, "0000");
  for (const list of ["/runs", "/tasks", "/apps", "/triggers"]) {
    expect((await createCaller(open, stranger).get(list)).status).toBe(401);
  }
  expect((await createCaller(open, "no-key").get("/tasks")).status).toBe(401);
});

test.each([
  ["/runs?phase=done", "query.phase[0]"],
  ["/runs?since=yesterday", "query.since"],
  ["/runs?until=2026-13-01T00:00:00Z", "query.until"],
  ["/runs?since=2026-05-01", "query.since"],
  ["/runs?limit=many", "query.limit"],
  ["/apps?phase=running", "query.phase[0]"],
])("%s is refused where it is wrong", async (path, place) => {
  const { status, body } = await caller(open).get(path);
  expect([400, 422]).toContain(status);
  expect(body.errors[0].path).toBe(place);
});

test.each(["/runs?limit=0", "/runs?limit=201", "/tasks?after=junk", "/runs?after=-1"])(
  "%s is refused",
  async (path) => {
    expect(await caller(open).get(path)).toMatchObject({
      status: 400,
      body: { code: "invalid_input" },
    });
  },
);

test("phases are any of those that are given", async () => {
  const none = await caller(open).get("/runs?phase=failed&phase=running");
  expect(none.body.runs).toEqual([]);
  const all = await caller(open).get("/runs?phase=failed&phase=succeeded");
  expect(all.body.runs).toHaveLength(12);
});

test("what is left out is not counted out by pages, filters and their ends", async () => {
  const alice = connect(devbox, "alice");
  const secret = await alice.deployScript("secret.a", "true");
  for (let count = 0; count < 3; count++) await alice.reach(await alice.start(secret));
  for (let index = 0; index < 8; index++) await alice.deployScript(`secret.b${index}`, "true");
  const ask = async (path: string) => (await caller(fenced).get(path)).body;
  for (const filter of ["task=secret.a", "task=absent", "task=secret.a&phase=succeeded"]) {
    expect(await ask(`/runs?${filter}&limit=1`)).toEqual({ runs: [], next: null });
  }
  for (const name of ["secret", "absent", "SECRET.B"]) {
    expect(await ask(`/tasks?name=${name}&limit=1`)).toEqual({ tasks: [], next: null });
  }
  // As many pages as it has runs itself: none is spent on those of others.
  const sizes: number[] = [];
  let next: string | null = "";
  while (next !== null) {
    const page: { runs: unknown[]; next: string | null } = await ask(
      `/runs?limit=1${next === "" ? "" : `&after=${next}`}`,
    );
    sizes.push(page.runs.length);
    next = page.next;
  }
  expect(sizes).toEqual([1, 1, 1, 1]);
  const two = await serve({ taskAllowlist: ["public.b", "development/flytesnacks/public.a"] });
  expect((await caller(two).get("/runs?limit=200")).body.runs).toHaveLength(8);
  expect((await createCaller(fenced, "no-key").get("/runs?task=secret.a")).status).toBe(401);
});
