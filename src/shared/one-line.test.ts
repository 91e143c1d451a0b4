import fc from "fast-check";
import { expect, test } from "vitest";
import { toOneLine } from "./one-line.ts";

test.each([
  ["", ""],
  ["one", "one"],
  ["Its last output:\noops\n", "Its last output: oops"],
  ["It ended. Its last output:\n  one\n\n  two\r\nthree", "It ended. Its last output: … three"],
])("%j is %j in one line", (text, line) => {
  expect(toOneLine(text)).toBe(line);
});

test("it is one line, and what is one stays as it is", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("a", " ", "\n", "\r") }), (text) => {
      const line = toOneLine(text);
      expect(line).not.toContain("\n");
      expect(toOneLine(line)).toBe(line);
    }),
  );
});
