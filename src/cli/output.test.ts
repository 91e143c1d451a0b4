import fc from "fast-check";
import { expect, test } from "vitest";
import { fields, printTime, table } from "./output.ts";

const cell = fc.stringMatching(/^[!-~]{1,12}$/);

test("a table puts every cell of a column at the same place", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell, cell), { maxLength: 8 }), (rows) => {
      const headings = ["one", "two", "three"];
      const lines = table(headings, rows).split("\n");
      expect(lines).toHaveLength(rows.length + 1);
      const starts = headings.map((heading) => lines[0]?.indexOf(heading.toUpperCase()) ?? -1);
      for (const [index, row] of rows.entries()) {
        for (const [column, text] of row.entries()) {
          expect(lines[index + 1]?.slice(starts[column]).startsWith(text)).toBe(true);
        }
      }
      expect(lines.every((line) => line === line.trimEnd())).toBe(true);
    }),
  );
});

test("fields leave out what has no value and align the rest", () => {
  const pairs: [string, string | undefined][] = [
    ["run", "r1"],
    ["error", undefined],
    ["attempts", "2"],
    ["reason", ""],
  ];
  expect(fields(pairs)).toBe("run       r1\nattempts  2");
});

test("a value of several lines stays in its column, and in a table in its line", () => {
  const message = "Its last output:\none\ntwo";
  expect(
    fields([
      ["app", "a"],
      ["message", message],
    ]),
  ).toBe("app      a\nmessage  Its last output:\n         one\n         two");
  expect(table(["app", "message"], [["a", message]])).toBe(
    "APP  MESSAGE\na    Its last output: … two",
  );
});

test("a moment is printed in UTC to the second, an absent one as a dash", () => {
  expect(printTime(new Date("2026-11-21T09:30:05.999Z"))).toBe("2026-11-21 09:30:05");
  expect(printTime(undefined)).toBe("-");
});
