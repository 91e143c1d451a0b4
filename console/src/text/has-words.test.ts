import fc from "fast-check";
import { expect, test } from "vitest";
import { hasWords } from "./has-words.ts";

test.each([
  ["", true],
  ["  ", true],
  ["NIGHT", true],
  ["two night", true],
  ["night three", false],
])("%j is found: %s", (search, isFound) => {
  expect(hasWords("Nightly, at two", search)).toBe(isFound);
});

test("a text has all of its own words", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => hasWords(text, text)));
});
