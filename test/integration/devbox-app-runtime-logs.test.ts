import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { AppLine, AppRuntime } from "../../src/devbox/apps/app-runtime.ts";
import { askText, jsonApp, script, startRuntime } from "../support/app-runtime.ts";

/** Reads until the lines are enough. */
async function readUntil(
  runtime: AppRuntime,
  id: number,
  isEnough: (lines: readonly AppLine[]) => boolean,
  replica?: string,
): Promise<readonly AppLine[]> {
  const lines: AppLine[] = [];
  for await (const batch of runtime.logs.tail(id, replica, AbortSignal.timeout(60_000))) {
    lines.push(...batch);
    if (isEnough(lines)) break;
  }
  return lines;
}

const texts = (lines: readonly AppLine[]) => lines.map(({ message }) => message);

test("logs of two replicas are read together and apart, with what comes later", async () => {
  const { runtime, deploy, reach, acquire } = await startRuntime();
  const row = deploy({ command: jsonApp, replicas: [2, 2] });
  await reach(row, "ACTIVE running");
  const both = await readUntil(runtime, row.id, (lines) => lines.length === 2);
  expect(texts(both)).toEqual(["listening", "listening"]);
  const names = runtime.logs.replicas(row.id);
  expect(new Set(both.map(({ replica }) => replica))).toEqual(new Set(names));

  const lease = await acquire(row);
  const later = readUntil(runtime, row.id, (lines) => lines.length === 2, lease.replica);
  await askText(lease, "/later");
  expect((await later).map(({ replica, message }) => [replica, message])).toEqual([
    [lease.replica, "listening"],
    [lease.replica, "got /later"],
  ]);
  lease.release();
});

test("a reader hears of replicas that start later, and ends with the app", async () => {
  const { runtime, deploy, reach } = await startRuntime();
  const row = deploy({ command: jsonApp });
  await reach(row, "ACTIVE running");
  const lines: AppLine[] = [];
  const read = (async () => {
    const tail = runtime.logs.tail(row.id, undefined, AbortSignal.timeout(60_000));
    for await (const batch of tail) lines.push(...batch);
  })();
  deploy({ command: jsonApp, env: { V: "2" } });
  await expect.poll(() => new Set(lines.map(({ replica }) => replica)).size).toBe(2);
  await runtime.remove(row.id);
  await read;
  expect(runtime.logs.replicas(row.id)).toEqual([]);
});

test("a log keeps the newest output and not all of it", async () => {
  const { runtime, deploy, reach, stateDir } = await startRuntime({
    limits: { maxLogFileBytes: 100_000 },
  });
  const row = deploy({
    command: script(`
      for (let at = 0; at < 20_000; at++) console.log("line " + at);
      require("http").createServer().listen(process.env.PORT);
      setInterval(() => console.log("last"), 200);
    `),
  });
  await reach(row, "ACTIVE running");
  const isOver = (read: readonly AppLine[]) => texts(read).includes("last");
  await readUntil(runtime, row.id, isOver);
  const lines = texts(await readUntil(runtime, row.id, isOver));
  expect(lines[0]).toBe("[earlier output dropped]");
  const numbers = lines
    .filter((text) => text.startsWith("line "))
    .map((text) => Number(text.slice(5)));
  expect(numbers.at(-1)).toBe(19_999);
  expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));

  const [name = ""] = runtime.logs.replicas(row.id);
  const folder = join(stateDir, "logs", String(row.id), name);
  const files = await readdir(folder);
  expect(files.length).toBeLessThanOrEqual(2);
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(folder, file))).size));
  // A chunk of output may be written after the limit was reached.
  expect(Math.max(...sizes)).toBeLessThan(1_000_000);
});

test("a reader that is slow misses nothing that is kept", async () => {
  const { runtime, deploy, reach } = await startRuntime();
  const row = deploy({
    command: script(`
      for (let at = 0; at < 30_000; at++) console.log("line " + at + "é".repeat(20));
      require("http").createServer().listen(process.env.PORT);
    `),
  });
  const lines: string[] = [];
  for await (const batch of runtime.logs.tail(row.id, undefined, AbortSignal.timeout(60_000))) {
    lines.push(...texts(batch));
    await new Promise(setImmediate);
    if (lines.length === 30_000) break;
  }
  expect(lines).toEqual(Array.from({ length: 30_000 }, (_, at) => `line ${at}${"é".repeat(20)}`));
  await reach(row, "ACTIVE running");
});
