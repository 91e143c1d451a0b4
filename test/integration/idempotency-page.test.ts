import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ServerProcess } from "../support/dev-process.ts";
import { ownEnvironment, runProgram } from "../support/run-command.ts";

/** What docs/idempotency.md tells people to paste. */
let page: string;
let home: string;
let dev: ServerProcess;

beforeAll(async () => {
  page = await readFile(resolve(import.meta.dirname, "../../docs/idempotency.md"), "utf8");
  home = await mkdtemp(join(tmpdir(), "flyte-webhook-idempotency-"));
  const ports = ["--port", "0", "--devbox-port", "0", "--gateway-port", "0"];
  dev = await ServerProcess.start(["dev", "--state", "memory", ...ports]);
});

afterAll(async () => {
  await dev?.[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});

function blocksOf(language: string): readonly string[] {
  const blocks = page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"));
  return [...blocks].map(([, text = ""]) => text);
}

/** Runs a block as the shell does, with what stands for this page's webhook. */
async function runBlock(block: string): Promise<string> {
  const script = block.replaceAll("http://127.0.0.1:8080", dev.ready.webhook);
  const env = { ...ownEnvironment(home), KEY: dev.ready.keys["alice"] ?? "" };
  const { code, stdout, stderr } = await runProgram(["sh", "-ec", script], { cwd: home, env });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout;
}

test("the requests are answered as the page shows it", async () => {
  const [start = "", again = "", ci = "", other = "", ...rest] = blocksOf("sh");
  const [started, mismatch] = blocksOf("json").map((text) => JSON.parse(text));
  expect(rest).toEqual([]);

  const first = JSON.parse(await runBlock(start));
  expect(Object.keys(first)).toEqual(Object.keys(started));
  expect(first.name).toHaveLength(started.name.length);

  const [head = "", body = ""] = (await runBlock(again)).split("\r\n\r\n");
  expect(head.toLowerCase()).toContain("idempotency-replayed: true");
  expect(JSON.parse(body)).toEqual(first);

  const job = JSON.parse(await runBlock(ci));
  expect(JSON.parse(await runBlock(ci))).toEqual(job);
  expect(job.name).not.toBe(first.name);

  const refused = JSON.parse(await runBlock(other));
  const { requestId: _, detail, ...same } = mismatch;
  expect(refused).toMatchObject(same);
  expect(refused.detail).toBe(detail.replace(started.name, first.name));
});
