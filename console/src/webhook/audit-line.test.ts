import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/shared/json.ts";
import { matchesFilter, readAuditLine } from "./audit-line.ts";

const line: JsonObject = {
  time: "2026-11-21T09:30:05.123Z",
  subject: "ada",
  endpoint: "run_task",
  target: "task development/flytesnacks/stats.describe",
  decision: "allowed",
  rule: "taskAllowlist",
  runs: [{ run: "development/flytesnacks/r1", new: false }, { run: "odd" }, 5],
  status: 200,
  seq: 17,
};

describe("readAuditLine", () => {
  test("reads what is there and leaves empty what is not", () => {
    const read = readAuditLine(line);
    expect(read).toMatchObject({ seq: 17, subject: "ada", problem: "", status: 200 });
    expect(read.runs).toEqual([
      { domain: "development", project: "flytesnacks", name: "r1", isNew: false },
    ]);
  });

  test("takes any object", () => {
    fc.assert(
      fc.property(fc.object({ withBigInt: true }), (members) => {
        const read = readAuditLine(members as JsonObject);
        expect(typeof read.seq).toBe("number");
        expect(matchesFilter(read, "")).toBe(true);
      }),
    );
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (runs, time) => {
        const odd = { runs, time, seq: time, status: runs } as JsonObject;
        expect(Array.isArray(readAuditLine(odd).runs)).toBe(true);
      }),
    );
  });
});

describe("matchesFilter", () => {
  test.each([
    ["", true],
    ["ADA  run_task", true],
    ["flytesnacks/r1", true],
    ["ada bob", false],
  ])("%j is found: %s", (filter, isFound) => {
    expect(matchesFilter(readAuditLine(line), filter)).toBe(isFound);
  });
});
