import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { SimpleType } from "../../src/idl/literals.ts";
import { rawRequest, sendRaw } from "../support/raw-http.ts";
import { createGate } from "../support/served.ts";
import { type StartingWebhook, StartingWebhooks, taskPath } from "../support/starting-webhooks.ts";

let all: StartingWebhooks;
let ours: StartingWebhook;
let upstream: StartingWebhook;

beforeAll(async () => {
  all = await StartingWebhooks.start();
  await all.deploy("once.other", { x: SimpleType.INTEGER });
  const texts = { spec: SimpleType.STRING, context: SimpleType.STRING };
  const system = { project: "system", domain: "production" };
  await all.deploy("build-image", { ...texts, target_image: SimpleType.STRING }, system);
  await all.deploy("prefetch.hf_model", { repo: SimpleType.STRING, task: SimpleType.STRING });
  const wanted = { task: "once.count", name: "daily", schedule: { cron: "0 6 * * *" } };
  await all.controlPlane.triggers.deploy({ ...wanted, inputs: { x: 7 } });
  [ours, upstream] = await Promise.all([all.webhook(), all.webhook({ compat: "upstream" })]);
});
afterEach(() => all.front.decide(() => "through"));
afterAll(() => all?.[Symbol.asyncDispose]());

const modes = ["the default mode", "compat upstream"] as const;
const inMode = (mode: (typeof modes)[number]): StartingWebhook =>
  mode === "compat upstream" ? upstream : ours;

describe.each(modes)("in %s", (mode) => {
  test("a repetition is answered as the first request was, and says that it is one", async () => {
    const key = `again ${mode}`.replaceAll(" ", "-");
    const first = await inMode(mode).send({ key });
    expect(first).toMatchObject({ status: 200, replayed: false });
    expect(first.body.name).toMatch(/^i[0-9a-f]{29}$/);
    const again = await inMode(mode).send({ key: `"${key}"` });
    expect(again).toMatchObject({ status: 200, replayed: true });
    expect(again.body).toEqual(first.body);
  });

  test("another payload is 422, and the same under another key is another run", async () => {
    const key = `payload ${mode}`.replaceAll(" ", "-");
    const first = await inMode(mode).send({ key });
    const other = await inMode(mode).send({ key, body: { x: 2 } });
    expect(other).toMatchObject({ status: 422, replayed: false });
    expect(other.body.detail).toContain("another payload");
    const versioned = await inMode(mode).send({ key, path: `${taskPath}?version=v1` });
    expect(versioned.status).toBe(422);
    const free = await inMode(mode).send({ key: `${key}-2`, body: { x: 2 } });
    expect(free.status).toBe(200);
    expect(free.body.name).not.toBe(first.body.name);
  });

  test("while the first is under way the second is 409", async () => {
    const key = `flight ${mode}`.replaceAll(" ", "-");
    const gate = createGate();
    all.front.decide((method) => (method === "CreateRun" ? gate : "through"));
    const started = all.front.next("CreateRun");
    const first = inMode(mode).send({ key });
    await started;
    const second = await inMode(mode).send({ key });
    expect(second.status).toBe(409);
    expect(second.body.detail).toContain("under way");
    expect(second.headers.get("retry-after")).toBe("1");
    const bob = inMode(mode).send({ key, user: "bob" });
    gate.open();
    expect(await first).toMatchObject({ status: 200, replayed: false });
    expect(await bob).toMatchObject({ status: 200, replayed: false });
    expect(await inMode(mode).send({ key })).toMatchObject({ status: 200, replayed: true });
  });

  test("a start that was refused leaves the key free", async () => {
    const key = `refused ${mode}`.replaceAll(" ", "-");
    const refused = await inMode(mode).send({ key, body: { x: "no number" } });
    expect(refused.status).toBe(mode === "compat upstream" ? 500 : 400);
    const absent = await inMode(mode).send({ key, path: `${taskPath}.absent` });
    expect(absent.status).toBe(404);
    expect(await inMode(mode).send({ key })).toMatchObject({ status: 200, replayed: false });
  });

  test("a run is found again whatever has become of its task", async () => {
    const key = `changed ${mode}`.replaceAll(" ", "-");
    const name = `once.changed-${mode === "compat upstream" ? "u" : "o"}`;
    const path = `/run-task/development/flytesnacks/${name}`;
    await all.deploy(name, { x: SimpleType.INTEGER }, undefined, "v1");
    const first = await inMode(mode).send({ key, path });
    await all.deploy(name, { y: SimpleType.STRING }, undefined, "v2");
    const again = await inMode(mode).send({ key, path });
    expect(again).toMatchObject({ status: 200, replayed: true, body: first.body });
  });

  test("the same key for another task is another key", async () => {
    const key = `task ${mode}`.replaceAll(" ", "-");
    const first = await inMode(mode).send({ key });
    const path = "/run-task/development/flytesnacks/once.other";
    const other = await inMode(mode).send({ key, path });
    expect(other).toMatchObject({ status: 200, replayed: false });
    expect(other.body.name).not.toBe(first.body.name);
  });

  test("a trigger, a build and a prefetch are started once for each key", async () => {
    const key = `others ${mode}`.replaceAll(" ", "-");
    const sent = [
      { path: "/trigger/once.count/daily/fire", body: { x: 1 } },
      { path: "/build-image", body: { pip_packages: ["pandas"] } },
      { path: "/prefetch/hf-model?repo=org/model", body: null },
    ];
    for (const start of sent) {
      const before = all.front.methods.length;
      const first = await inMode(mode).send({ key, ...start });
      expect(first, start.path).toMatchObject({ status: 200, replayed: false });
      const again = await inMode(mode).send({ key, ...start });
      expect(again, start.path).toMatchObject({ status: 200, replayed: true });
      const { phase: _, done: __, ...same } = first.body;
      expect(again.body).toMatchObject(same);
      const calls = all.front.methods.slice(before);
      expect(calls.filter((method) => method === "CreateRun")).toHaveLength(1);
    }
    const fired = await inMode(mode).send({ key, path: sent[0]?.path ?? "", body: { x: 2 } });
    expect(fired.status).toBe(422);
    const built = await inMode(mode).send({ key, path: "/build-image", body: {} });
    expect(built.status).toBe(422);
    const path = "/prefetch/hf-model?repo=org/other";
    expect((await inMode(mode).send({ key, path, body: null })).status).toBe(422);
  });

  test("endpoints that start nothing do not look at the key", async () => {
    const { body } = await inMode(mode).send();
    const path = `/run/${body.name}/abort`;
    const aborted = await inMode(mode).send({ key: "not a key", path, body: {} });
    expect(aborted.status).toBe(200);
  });

  test.each([
    ["nothing", ["idempotency-key:"]],
    ["an empty text", ['idempotency-key: ""']],
    ["two", ["idempotency-key: a", "idempotency-key: b"]],
    ["the same twice", ["idempotency-key: a", "Idempotency-Key: a"]],
    ["two in quotes", ['idempotency-key: "a"', 'idempotency-key: "b"']],
    ["one and an empty one", ["idempotency-key: a", "idempotency-key:"]],
    ["256 characters", [`idempotency-key: ${"a".repeat(256)}`]],
    ["a space inside", ["idempotency-key: a b"]],
    ["a tab inside", ["idempotency-key: a\tb"]],
    ["no end", ['idempotency-key: "a']],
    ["a parameter", ['idempotency-key: "a";b=1']],
    ["an escape that is none", ['idempotency-key: "a\\n"']],
    ["letters beyond ASCII", ["idempotency-key: \u00e4"]],
  ])("a key of %s is 400 and starts nothing", async (_, headers) => {
    const before = all.front.methods.length;
    const { status, body } = await sendStart(inMode(mode), headers);
    expect(status).toBe(400);
    expect(JSON.parse(body).detail).toContain("1 to 255 visible ASCII characters");
    expect(all.front.methods.slice(before)).not.toContain("CreateRun");
  });

  test.each([
    ["a NUL", ["idempotency-key: a\u0000b"]],
    ["a DEL", ["idempotency-key: a\u007f"]],
    ["a bare carriage return", ["idempotency-key: a\rb"]],
  ])("a key with %s is 400 before anybody reads it", async (_, headers) => {
    expect((await sendStart(inMode(mode), headers)).status).toBe(400);
  });
});

function sendStart({ url }: StartingWebhook, headers: readonly string[]) {
  const own = `authorization: Bearer ${all.devbox.keys["alice"]}`;
  const given = [own, "content-type: application/json", ...headers];
  const request = rawRequest(`POST ${taskPath}`, given, '{"x":1}');
  return sendRaw(url, Buffer.from(request, "latin1"));
}

test("the order of inputs and the place of parameters do not count", async () => {
  const first = await ours.send({ key: "place", path: "/prefetch/hf-model?repo=a/b&task=x" });
  expect(first.status).toBe(422); // {"x":1} is no parameter
  const query = { key: "place", path: "/prefetch/hf-model?repo=a/b&task=x", body: {} };
  const body = { key: "place", path: "/prefetch/hf-model", body: { task: "x", repo: "a/b" } };
  const started = await ours.send(query);
  expect(started).toMatchObject({ status: 200, replayed: false });
  expect(await ours.send(body)).toMatchObject({ status: 200, replayed: true });
});

test("an image that is there already is answered alike, with no run", async () => {
  const base = { key: "base", path: "/build-image", body: { base_image: "python:3.12" } };
  const first = await ours.send(base);
  expect(first).toMatchObject({ status: 200, body: { image_build_run_url: null } });
  expect(await ours.send(base)).toMatchObject({ status: 200, replayed: false, body: first.body });
});

describe("a name that the caller chose", () => {
  test("finds its run again, and refuses another payload", async () => {
    const path = `${taskPath}?run_name=chosen-name`;
    const first = await ours.send({ path });
    expect(first).toMatchObject({ status: 200, replayed: false, body: { name: "chosen-name" } });
    expect(await ours.send({ path })).toMatchObject({ status: 200, replayed: true });
    const other = await ours.send({ path, body: { x: 2 } });
    expect(other).toMatchObject({ status: 409, body: { code: "conflict" } });
  });

  test("is refused together with a key", async () => {
    const both = await ours.send({ key: "both", path: `${taskPath}?run_name=both` });
    expect(both.status).toBe(400);
    expect(both.body.detail).toContain("send one of them");
  });
});

test("options of the run are part of the payload, the trace is not", async () => {
  const path = `${taskPath}?labels=${encodeURIComponent('{"a":"1"}')}`;
  const trace = (id: string) => ({ traceparent: `00-${id.repeat(32)}-00f067aa0ba902b7-01` });
  const first = await ours.send({ key: "options", path, headers: trace("1") });
  expect(first.status).toBe(200);
  const again = await ours.send({ key: "options", path, headers: trace("2") });
  expect(again).toMatchObject({ status: 200, replayed: true });
  expect((await ours.send({ key: "options" })).status).toBe(422);
});

test("a dry run tells the run that is there", async () => {
  const path = `${taskPath}?dry_run=true`;
  const before = await ours.send({ key: "dry", path });
  expect(before).toMatchObject({ status: 200, body: { existing_run: null } });
  const { body } = await ours.send({ key: "dry" });
  const after = await ours.send({ key: "dry", path });
  expect(after).toMatchObject({ status: 200, body: { existing_run: body.name } });
  expect((await ours.send({ key: "dry", path, body: { x: 2 } })).status).toBe(422);
});
