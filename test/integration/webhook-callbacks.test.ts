import { type FileHandle, mkdtemp, open, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  onTestFinished,
  test,
  vi,
} from "vitest";
import type { CallbackOptions } from "../../src/webhook/callbacks/callback-options.ts";
import type { WebhookOptions } from "../../src/webhook/options.ts";
import { answering, CallbackReceiver, callbackSecret } from "../support/callback-receiver.ts";
import { connect } from "../support/devbox-client.ts";
import { createLog } from "../support/log.ts";
import { StartingWebhooks, taskPath } from "../support/starting-webhooks.ts";

let all: StartingWebhooks;
let receiver: CallbackReceiver;
let folder: string;

beforeAll(async () => {
  all = await StartingWebhooks.start();
  folder = await mkdtemp(join(tmpdir(), "flyte-webhook-callbacks-"));
  const alice = connect(all.devbox, "alice");
  await alice.deployScript("end.badly", "echo 'no luck' >&2; exit 3");
  await alice.deployScript("end.later", `while [ ! -e '${folder}/go' ]; do sleep 0.02; done`);
});

afterAll(async () => {
  await all[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  const started = await CallbackReceiver.start();
  receiver = started;
  onTestFinished(() => started[Symbol.asyncDispose]());
});

let count = 0;

function callbackOptions(given: Partial<CallbackOptions> = {}): CallbackOptions {
  count += 1;
  return {
    controlPlane: all.controlPlane,
    secret: callbackSecret,
    allow: [receiver.origin],
    allowPrivate: ["127.0.0.0/8"],
    file: join(folder, `callbacks-${count}.jsonl`),
    retryDelaysMs: [1, 1, 1, 1, 1],
    ...given,
  };
}

async function serve(
  callbacks: Partial<CallbackOptions> = {},
  options: Partial<WebhookOptions> = {},
) {
  const resolved = callbackOptions(callbacks);
  const { logger, lines } = createLog();
  const webhook = await all.webhook({
    endpointGroups: ["all", "fire", "batch", "wait", "ops"],
    callbacks: resolved,
    logger,
    ...options,
  });
  onTestFinished(() => webhook.close());
  return { webhook, lines, callbacks: resolved };
}

function path(url: string, task = taskPath): string {
  return `${task}?callback_url=${encodeURIComponent(url)}`;
}

const failing = "/run-task/development/flytesnacks/end.badly";
const waiting = "/run-task/development/flytesnacks/end.later";

describe("a run that a request has started", () => {
  test("is told of once, signed, with what a receiver needs, and with no credential", async () => {
    const { webhook, lines, callbacks } = await serve();
    const { status, body } = await webhook.send({
      path: path(`${receiver.origin}/done?t=planted`),
    });
    expect(status).toBe(200);
    const [told] = await receiver.reach(1);
    expect(told?.path).toBe("/done?t=planted");
    expect(body.callback).toEqual({ id: told?.id });
    expect(told?.event).toEqual({
      type: "run.succeeded",
      timestamp: told?.event.data.ended_at,
      data: {
        name: body.name,
        url: expect.stringContaining(`/runs/${body.name}`),
        project: "flytesnacks",
        domain: "development",
        phase: "succeeded",
        task: {
          project: "flytesnacks",
          domain: "development",
          name: "once.count",
          version: "v1",
        },
        started_at: expect.stringMatching(/^\d{4}-/),
        ended_at: expect.stringMatching(/^\d{4}-/),
      },
    });
    expect(Object.keys(told?.headers ?? {}).sort()).toEqual([
      "connection",
      "content-length",
      "content-type",
      "host",
      "user-agent",
      "webhook-id",
      "webhook-signature",
      "webhook-timestamp",
    ]);
    await webhook.close();
    expect(receiver.received).toHaveLength(1);
    expect(receiver.forged).toEqual([]);
    expect(lines.join("\n")).not.toContain("planted");
    expect((await stat(callbacks.file)).mode & 0o777).toBe(0o600);
  });

  test("is told of where it failed, with its error", async () => {
    const { webhook } = await serve();
    await webhook.send({ path: path(`${receiver.origin}/`, failing), body: {} });
    const [told] = await receiver.reach(1);
    expect(told?.event).toMatchObject({
      type: "run.failed",
      data: { phase: "failed", error: { message: expect.stringContaining("no luck") } },
    });
  });

  test("is told of with its outputs where the operator wants that", async () => {
    const { webhook } = await serve({ outputs: true });
    await webhook.send({ path: path(`${receiver.origin}/`) });
    const [told] = await receiver.reach(1);
    expect(told?.event.data).toHaveProperty("outputs");
  });

  test("is told of once, however often its start is repeated", async () => {
    const { webhook } = await serve();
    const send = () => webhook.send({ key: "one-key", path: path(`${receiver.origin}/`) });
    const first = await send();
    const again = await send();
    await receiver.reach(1);
    const late = await send();
    expect([again.body, late.body]).toEqual([first.body, first.body]);
    await webhook.close();
    expect(receiver.received).toHaveLength(1);
  });

  test("may have several who are told", async () => {
    const { webhook } = await serve();
    for (const place of ["a", "b"]) {
      await webhook.send({ key: "two-places", path: path(`${receiver.origin}/${place}`) });
    }
    const told = await receiver.reach(2);
    expect(told.map((each) => each.path).sort()).toEqual(["/a", "/b"]);
    expect(new Set(told.map(({ id }) => id)).size).toBe(2);
  });

  test("is told of to each receiver of a batch", async () => {
    const { webhook } = await serve();
    const task = { domain: "development", project: "flytesnacks", name: "once.count" };
    const { status, body } = await webhook.send({
      path: "/run-tasks",
      body: {
        runs: [
          { ...task, inputs: { x: 1 }, callback_url: `${receiver.origin}/1` },
          { ...task, inputs: { x: 2 }, callback_url: `${receiver.origin}/2` },
          { ...task, inputs: { x: 3 }, callback_url: "https://elsewhere.example.com/" },
        ],
      },
    });
    expect(status).toBe(207);
    const ids = body.runs.map((run: { callback?: { id: string } }) => run.callback?.id);
    expect(body.runs[2]).toMatchObject({ status: 400, problem: { code: "invalid_input" } });
    const told = await receiver.reach(2);
    expect(told.map(({ id }) => id).sort()).toEqual(ids.slice(0, 2).sort());
  });

  test("is told of by a name that the caller has chosen, and to nobody where that is taken", async () => {
    const { webhook } = await serve();
    const chosen = `${path(`${receiver.origin}/mine`)}&run_name=chosen`;
    expect((await webhook.send({ path: chosen })).body.name).toBe("chosen");
    await receiver.reach(1);
    const other = `${path(`${receiver.origin}/other`)}&run_name=chosen`;
    expect((await webhook.send({ path: other, body: { x: 2 } })).status).toBe(409);
    await webhook.close();
    expect(receiver.received.map((each) => each.path)).toEqual(["/mine"]);
  });
});

describe("a receiver", () => {
  test("that fails is told again under the same id, until it takes it", async () => {
    const { webhook } = await serve({ timeoutMs: 300 });
    receiver.answerNext(
      answering(500),
      answering(302, { location: `${receiver.origin}/elsewhere` }),
      answering(429, { "retry-after": "0" }),
      (response) => void response.destroy(),
      () => undefined, // never answers
    );
    await webhook.send({ path: path(`${receiver.origin}/`) });
    const told = await receiver.reach(6);
    expect(new Set(told.map(({ id }) => id)).size).toBe(1);
    expect(new Set(told.map(({ text }) => text)).size).toBe(1);
    expect(told.map((each) => each.path)).toEqual(told.map(() => "/"));
    expect(await ended(webhook.url, "delivered")).toBe(1);
  });

  test("that always fails is given up after the last attempt", async () => {
    const { webhook, lines } = await serve({ retryDelaysMs: [1, 1] });
    receiver.respond = answering(503);
    await webhook.send({ path: path(`${receiver.origin}/`) });
    await receiver.reach(3);
    expect(await ended(webhook.url, "given_up")).toBe(1);
    await webhook.close();
    expect(receiver.received).toHaveLength(3);
    expect(lines.filter((line) => line.includes("callback is given up"))).toHaveLength(1);
  });

  test("that is gone is not told again", async () => {
    const { webhook } = await serve();
    receiver.respond = answering(410);
    await webhook.send({ path: path(`${receiver.origin}/`) });
    await receiver.reach(1);
    expect(await ended(webhook.url, "refused")).toBe(1);
  });

  test("that answers without end is not listened to", async () => {
    const { webhook } = await serve();
    const left = new Promise<void>((resolve) => {
      receiver.respond = (response) => {
        const more = (): void => void (response.write("x".repeat(65_536)) && setImmediate(more));
        response.on("drain", more).on("close", resolve);
        response.writeHead(200);
        more();
      };
    });
    await webhook.send({ path: path(`${receiver.origin}/`) });
    await left;
    expect(await ended(webhook.url, "delivered")).toBe(1);
  });

  test("verifies with each secret while one takes the place of another", async () => {
    const old = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
    const { webhook } = await serve({ secret: [old, callbackSecret] });
    await webhook.send({ path: path(`${receiver.origin}/`) });
    const [told] = await receiver.reach(1);
    expect(String(told?.headers["webhook-signature"])).toMatch(/^v1,\S{44} v1,\S{44}$/);
  });

  test("at a name that stands for a private address is not dialled unless that is allowed", async () => {
    const { webhook } = await serve({
      allow: [`http://sub.localhost:${receiver.port}`],
      allowPrivate: ["10.0.0.0/8"],
      retryDelaysMs: [1],
    });
    const url = `http://sub.localhost:${receiver.port}/`;
    expect((await webhook.send({ path: path(url) })).status).toBe(200);
    expect(await ended(webhook.url, "given_up")).toBe(1);
    expect(receiver.received).toEqual([]);
    expect(receiver.forged).toEqual([]);
  });
});

/** How many callbacks have ended so, once there is one that has. */
async function ended(url: string, end: string): Promise<number> {
  for (;;) {
    const text = await (await fetch(`${url}/metrics`)).text();
    const value = new RegExp(`callbacks_total\\{end="${end}"\\} (\\d+)`).exec(text)?.[1] ?? "0";
    if (value !== "0") return Number(value);
  }
}

/** What all open files of the process have in common. */
async function fileHandles(): Promise<FileHandle> {
  await using file = await open(import.meta.filename);
  return Object.getPrototypeOf(file);
}

describe("what was answered", () => {
  test("is told by the next process", async () => {
    await rm(join(folder, "go"), { force: true });
    const { webhook, callbacks } = await serve();
    const { body } = await webhook.send({ path: path(`${receiver.origin}/`, waiting), body: {} });
    await webhook.close();
    await serve({ file: callbacks.file });
    await writeFile(join(folder, "go"), "");
    const [told] = await receiver.reach(1);
    expect(told?.id).toBe(body.callback.id);
    expect(told?.event.data.name).toBe(body.name);
  });

  test("is nothing where too many wait", async () => {
    const { webhook } = await serve({ maxPending: 1 });
    await rm(join(folder, "go"), { force: true });
    expect(
      (await webhook.send({ path: path(`${receiver.origin}/`, waiting), body: {} })).status,
    ).toBe(200);
    const before = (await all.runs()).length;
    const { status, body } = await webhook.send({ path: path(`${receiver.origin}/2`) });
    expect([status, body.code]).toEqual([503, "overloaded"]);
    expect(body.detail).toContain("Nothing was started");
    expect(await all.runs()).toHaveLength(before);
    await writeFile(join(folder, "go"), "");
    await receiver.reach(1);
  });

  test("is nothing where the journal cannot be written, until it can", async () => {
    const place = await mkdtemp(join(tmpdir(), "flyte-webhook-callbacks-"));
    onTestFinished(() => rm(place, { recursive: true, force: true }));
    const { webhook } = await serve({ file: join(place, "callbacks.jsonl") });
    const before = (await all.runs()).length;
    const full = Object.assign(new Error("no space"), { code: "ENOSPC" });
    const failing = vi.spyOn(await fileHandles(), "datasync").mockRejectedValue(full);
    const { status, body } = await webhook.send({ path: path(`${receiver.origin}/`) });
    failing.mockRestore();
    expect([status, body.code]).toEqual([503, "overloaded"]);
    expect(await all.runs()).toHaveLength(before);
    expect((await webhook.send({ path: path(`${receiver.origin}/`) })).status).toBe(200);
    await receiver.reach(1);
  });

  test("needs a journal of its own", async () => {
    const { callbacks } = await serve();
    await expect(all.webhook({ callbacks })).rejects.toThrow(/another process has it/);
  });
});
