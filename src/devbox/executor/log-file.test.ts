import { appendFileSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import type { AttemptLine } from "./executor.ts";
import { logPath, openLog, readLog } from "./log-file.ts";

const dir = mkdtempSync(join(tmpdir(), "log-file-"));
afterAll(() => rmSync(dir, { recursive: true }));

const key = { project: "p", domain: "d", run: "r", action: "a0", attempt: 1 };

async function read(path: string): Promise<AttemptLine[]> {
  const lines: AttemptLine[] = [];
  for await (const line of readLog(path)) lines.push(line);
  return lines;
}

test("a log and its folder are for their owner alone", () => {
  const path = logPath(dir, { ...key, run: "owned", domain: "owned" });
  const log = openLog(path);
  log.append([{ time: new Date(0), stream: "stdout", message: "hello" }]);
  log.close();
  expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("lines come back as they were appended", async () => {
  const line = fc.record({
    time: fc.date({ noInvalidDate: true }),
    stream: fc.constantFrom("stdout" as const, "stderr" as const),
    message: fc.string({ unit: "binary" }).map((text) => Buffer.from(text).toString()),
  });
  let number = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(line)), async (batches) => {
      const path = logPath(dir, { ...key, attempt: ++number });
      const log = openLog(path);
      for (const batch of batches) log.append(batch);
      log.close();
      expect(await read(path)).toEqual(batches.flat());
    }),
    { numRuns: 50 },
  );
});

test("a line that a crash cut off is skipped, and later lines are whole", async () => {
  const path = logPath(dir, { ...key, run: "crashed" });
  const line = (message: string): AttemptLine => ({ time: new Date(1), stream: "stdout", message });
  const before = openLog(path);
  before.append([line("first")]);
  before.close();
  appendFileSync(path, '[5,"stdout","cut o');
  const after = openLog(path);
  after.append([line("second")]);
  after.close();
  expect(await read(path)).toEqual([line("first"), line("second")]);
});

test("an attempt that never ran has an empty log", async () => {
  expect(await read(logPath(dir, { ...key, run: "never" }))).toEqual([]);
});

test("no name leads out of the folder, and different names have different files", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => {
      const path = logPath("/logs", { ...key, run: one });
      expect(path.startsWith("/logs/p/d/")).toBe(true);
      expect(path.split("/")).toHaveLength(5);
      expect(path === logPath("/logs", { ...key, run: other })).toBe(one === other);
    }),
  );
});
