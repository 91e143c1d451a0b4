import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { parseRecord, startRunningProcesses } from "./leftovers.ts";

const dir = mkdtempSync(join(tmpdir(), "leftovers-"));
afterAll(() => rmSync(dir, { recursive: true }));

test("the record names what was added and not removed, and a line cut off does not count", () => {
  const token = fc.constantFrom("a", "b", "c");
  fc.assert(
    fc.property(fc.array(fc.record({ token, add: fc.boolean() })), token, (steps, cutOff) => {
      const running = new Set<string>();
      for (const step of steps) {
        if (step.add) running.add(step.token);
        else running.delete(step.token);
      }
      const lines = steps.map((step) => `${step.add ? "+" : "-"}${step.token}\n`);
      expect(parseRecord(`${lines.join("")}+${cutOff}`)).toEqual(running);
    }),
  );
});

test("the record does not grow without end and is empty after a start", () => {
  const path = join(dir, "running");
  const running = startRunningProcesses(path);
  for (let i = 0; i < 5000; i++) {
    running.add(`00000000-0000-4000-8000-${i}`);
    running.remove(`00000000-0000-4000-8000-${i}`);
  }
  running.add("last");
  expect(statSync(path).size).toBeLessThan(70_000);
  expect(parseRecord(readFileSync(path, "utf8"))).toEqual(new Set(["last"]));
  running.close();
  running.remove("last");
  startRunningProcesses(path).close();
  expect(readFileSync(path, "utf8")).toBe("");
});
