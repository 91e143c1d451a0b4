import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { transform } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LiveReader } from "../support/live-reader.ts";
import { type LiveWebhook, LiveWebhooks } from "../support/live-webhook.ts";
import { ownEnvironment, runProgram } from "../support/run-command.ts";

/** What docs/live.md tells people to paste and to write. */
let page: string;
let folder: string;
let all: LiveWebhooks;
let webhook: LiveWebhook;

beforeAll(async () => {
  page = await readFile(resolve(import.meta.dirname, "../../docs/live.md"), "utf8");
  folder = await mkdtemp(join(tmpdir(), "flyte-webhook-live-page-"));
  all = await LiveWebhooks.start();
  webhook = await all.webhook();
});

afterAll(async () => {
  await all?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true, maxRetries: 10 });
});

function blocksOf(language: string): readonly string[] {
  const blocks = page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"));
  return [...blocks].map(([, text = ""]) => text);
}

test("the curl lines of the page work as pasted", async () => {
  const run = await all.run("echo hello");
  await run.ended();
  const env = { ...ownEnvironment(folder), RUN: run.name, KEY: all.key };
  const lines = blocksOf("sh").flatMap((block) => block.trim().split("\n"));
  const outputs: string[] = [];
  for (const line of lines) {
    const script = line
      .replaceAll("http://127.0.0.1:8080", webhook.url)
      .replace("curl", "curl -sS");
    const result = await runProgram(["sh", "-ec", script], { cwd: folder, env });
    expect(result).toMatchObject({ code: 0, stderr: "" });
    outputs.push(result.stdout);
  }
  expect(outputs).toHaveLength(4);
  expect(outputs[0]).toMatch(/^retry: \d+\n\nid: 1\.queued\nevent: phase\ndata: \{"name":/);
  expect(outputs[0]).toMatch(/id: end\nevent: end\ndata: .*"done":true.*\n\n$/);
  expect(outputs[1]).toBe("hello\n");
  expect(outputs[2]).toBe("hello\n");
  expect(outputs[3]).toMatch(/^\{"event":"line","id":"1\.1","message":"hello",.*\n\{"event":"end"/);
});

test("the programs of the page follow a run to its end, and come back where they were cut off", async () => {
  const { code } = await transform(blocksOf("ts").join("\n"), { loader: "ts", format: "esm" });
  const file = join(folder, "follow.mjs");
  await writeFile(file, code.replace("3000", "10"));
  const { showRun } = await import(pathToFileURL(file).href);
  const run = await all.run("echo one; gate go; echo two");
  const first = await all.webhook();
  const shown: string[] = [];
  let tell: () => void = () => undefined;
  const bothTold = new Promise<void>((done) => {
    tell = () => (shown.includes("| one") && shown.includes("attempt 1: running") ? done() : null);
  });
  const whole = showRun(first.url, run.name, all.key, (text: string) => {
    shown.push(text);
    tell();
  });
  await bothTold;
  // The webhook goes, and another one comes at its address.
  const { port } = new URL(first.url);
  await first.app.close();
  const second = await all.webhook({}, Number(port));
  await run.open("go");
  await whole;
  expect(shown.filter((text) => text.startsWith("|"))).toEqual(["| one", "| two"]);
  expect(shown.filter((text) => !text.startsWith("|"))).toEqual([
    ...["queued", "initializing", "running", "succeeded"].map((phase) => `attempt 1: ${phase}`),
    "succeeded",
  ]);
  expect(second.url).toBe(first.url);
});

test("the events on the page have the members that the webhook tells", async () => {
  const run = await all.run("echo a; exit 3");
  await run.ended();
  const shown = [...page.matchAll(/^id: .*\nevent: (.*)\ndata: (.*)$/gm)].map(
    ([, event, data = "{}"]) => `${event} ${Object.keys(JSON.parse(data))}`,
  );
  expect(shown.length).toBeGreaterThan(5);
  const told = new Set<string>();
  const { name } = await all.run("echo b").then(async (good) => {
    await good.ended();
    return good;
  });
  for (const path of ["events", "logs"]) {
    for (const each of [run.name, name]) {
      const url = `${webhook.url}/run/${each}/${path}`;
      const reader = await LiveReader.open(url, { key: all.key, accept: "text/event-stream" });
      for (const { event, data } of await reader.all()) told.add(`${event} ${Object.keys(data)}`);
    }
  }
  for (const members of shown) expect([...told]).toContain(members);
});
