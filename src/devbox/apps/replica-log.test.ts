import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import type { AttemptLine } from "../executor/executor.ts";
import { logStart, ReplicaLog } from "./replica-log.ts";

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "replica-log-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function openLog(folder: string, maxFileBytes: number): ReplicaLog {
  const log = new ReplicaLog("r", folder, maxFileBytes);
  log.open();
  return log;
}

const line = (message: string): AttemptLine => ({ time: new Date(0), stream: "stdout", message });

/** Reads all that there is, each time from where the last time ended. */
function createReader(log: ReplicaLog): () => string[] {
  let position = logStart;
  return () => {
    const texts: string[] = [];
    for (;;) {
      const next = log.read(position);
      position = next.position;
      if (next.lines.length === 0) return texts;
      texts.push(...next.lines.map(({ message }) => message));
    }
  };
}

const readAll = (log: ReplicaLog): string[] => createReader(log)();

test("a reader that keeps up gets every line, however files are changed", () => {
  const messages = fc.array(fc.array(fc.string({ unit: "grapheme" }), { maxLength: 4 }), {
    maxLength: 8,
  });
  fc.assert(
    fc.property(messages, fc.integer({ min: 1, max: 400 }), (batches, maxFileBytes) => {
      const folder = mkdtempSync(join(tmpdir(), "replica-log-"));
      try {
        const log = openLog(folder, maxFileBytes);
        const readOn = createReader(log);
        for (const batch of batches) {
          log.append(batch.map(line));
          expect(readOn()).toEqual(batch);
          expect(readdirSync(folder).length).toBeLessThanOrEqual(2);
        }
        log.close();
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }),
    { numRuns: 40 },
  );
});

test("who reads late is told that output was dropped, and gets what is kept", () => {
  const log = openLog(makeFolder(), 100);
  for (let at = 0; at < 10; at++) log.append([line(`line ${at} ${"x".repeat(100)}`)]);
  log.append([line("last")]);
  const texts = readAll(log);
  expect(texts[0]).toBe("[earlier output dropped]");
  expect(texts.at(-1)).toBe("last");
  expect(texts.length).toBeLessThan(5);
});

test("a line longer than what is read at a time comes whole", () => {
  const log = openLog(makeFolder(), 10_000_000);
  const long = "é".repeat(300_000);
  log.append([line("first"), line(long), line("last")]);
  expect(readAll(log)).toEqual(["first", long, "last"]);
});

test("a later life reads what an earlier one wrote", () => {
  const folder = makeFolder();
  const log = openLog(folder, 50);
  for (const text of ["one", "two", "three"]) log.append([line(text)]);
  const before = readAll(log);
  log.close();
  expect(readAll(new ReplicaLog("r", folder, 50))).toEqual(before);
});
