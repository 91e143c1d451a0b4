import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { CallbackOptions } from "../../src/webhook/callbacks/callback-options.ts";
import { callbackSecret } from "../support/callback-receiver.ts";
import { type StartingWebhook, StartingWebhooks, taskPath } from "../support/starting-webhooks.ts";

const port = 8081;
const origin = `http://127.0.0.1:${port}`;
let all: StartingWebhooks;
let webhook: StartingWebhook;
let folder: string;
let file: string;

/** Nobody listens there: nothing of this file is told to anybody. */
function callbacks(name: string): CallbackOptions {
  return {
    controlPlane: all.controlPlane,
    secret: callbackSecret,
    allow: [origin],
    allowPrivate: ["127.0.0.1"],
    file: join(folder, name),
  };
}

beforeAll(async () => {
  all = await StartingWebhooks.start();
  folder = await mkdtemp(join(tmpdir(), "flyte-webhook-callbacks-"));
  file = join(folder, "callbacks.jsonl");
  const endpointGroups = ["all", "batch"] as const;
  webhook = await all.webhook({ endpointGroups, callbacks: callbacks("callbacks.jsonl") });
});

afterAll(async () => {
  await all[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

function path(url: string): string {
  return `${taskPath}?callback_url=${encodeURIComponent(url)}`;
}

test.each([
  "http://127.0.0.1:PORT@example.com/",
  "",
  " ",
  "done",
  "/done",
  "//ORIGIN/",
  "https:",
  "https://",
  "https:///done",
  "https://elsewhere.example.com/",
  "https://ORIGIN.example.com/",
  "https://example.com@HOST/",
  "http://user:secret@HOST/",
  "http://@HOST/",
  "http://:@HOST/",
  "http://HOST@evil.example.com/",
  "http://HOST\\@evil.example.com/",
  "http://HOST#@evil.example.com/",
  "http://HOST/#part",
  "http://HOST:1/",
  "http://127.0.0.1/",
  "http://127.0.0.2:PORT/",
  "http://2130706434:PORT/",
  "http://169.254.169.254/latest/meta-data/",
  "http://[::ffff:169.254.169.254]/",
  "http://[fd00:ec2::254]/",
  "http://localhost:PORT/",
  "http://0.0.0.0:PORT/",
  "http://[::1]:PORT/",
  "http://[::]:PORT/",
  "https://HOST/",
  "ftp://HOST/",
  "file:///etc/passwd",
  "data:text/plain,x",
  "javascript:alert(1)",
  "gopher://HOST/",
  "http://HOST/\r\nx: y",
  "http://HOST/ä",
  "http://ⓛocalhost/",
  `http://HOST/${"x".repeat(2048)}`,
  "http://%31%32%37.0.0.2/",
  "http://[::1%25lo]/",
  "http://999.999.999.999/",
  "http://HOST:99999/",
])("%j is refused before anything is started", async (template) => {
  const host = `127.0.0.1:${port}`;
  const url = template
    .replaceAll("HOST", host)
    .replaceAll("ORIGIN", host)
    .replaceAll("PORT", String(port));
  const before = (await all.runs()).length;
  const { status, body } = await webhook.send({ path: path(url) });
  expect([status, body.code]).toEqual([400, "invalid_input"]);
  expect(body.detail).toContain("callback_url");
  expect(body.detail).not.toContain("secret");
  expect(await all.runs()).toHaveLength(before);
});

test("that comes as anything but a text, or twice, is refused", async () => {
  const before = (await all.runs()).length;
  const twice = `${path(`${origin}/`)}&callback_url=${origin}`;
  expect((await webhook.send({ path: twice })).status).toBeGreaterThanOrEqual(400);
  for (const callback_url of [1, true, {}, [], ["a"]]) {
    const runs = [{ domain: "development", project: "p", name: "n", callback_url }];
    const { status } = await webhook.send({ path: "/run-tasks", body: { runs } });
    expect(status).toBe(422);
  }
  expect(await all.runs()).toHaveLength(before);
});

test("is judged in a dry run, which keeps nothing", async () => {
  const dry = (url: string) => webhook.send({ path: `${path(url)}&dry_run=true` });
  expect((await dry("https://elsewhere.example.com/")).status).toBe(400);
  expect((await dry(`${origin}/`)).body.dry_run).toBe(true);
  expect(await readFile(file, "utf8")).toBe("");
});

test("is refused where nobody is told", async () => {
  const without = await all.webhook();
  onTestFinished(() => without.close());
  const before = (await all.runs()).length;
  const { status, body } = await without.send({ path: path("https://ci.example.com/") });
  expect([status, body.code]).toEqual([501, "unimplemented"]);
  expect(await all.runs()).toHaveLength(before);
});

test("is ignored like the original does", async () => {
  const like = await all.webhook({ compat: "upstream", callbacks: callbacks("like") });
  onTestFinished(() => like.close());
  const { status, body } = await like.send({ path: path("https://elsewhere.example.com/") });
  expect([status, Object.keys(body).sort()]).toEqual([200, ["name", "url"]]);
});
