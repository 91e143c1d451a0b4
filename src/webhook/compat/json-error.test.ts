import fc from "fast-check";
import { expect, test } from "vitest";
import { findJsonError } from "./json-error.ts";

/** What CPython 3.11 says of these texts. */
const faulty: readonly (readonly [text: string, offset: number, reason: string])[] = [
  ["{", 1, "Expecting property name enclosed in double quotes"],
  ['{"a":1,}', 7, "Expecting property name enclosed in double quotes"],
  ["[1,]", 3, "Expecting value"],
  ['{"a" 1}', 5, "Expecting ':' delimiter"],
  ['{"a":1 "b":2}', 7, "Expecting ',' delimiter"],
  ['{"a":"x', 5, "Unterminated string starting at"],
  ['{"a":"\\q"}', 6, "Invalid \\escape"],
  ['{"a":"\\u12"}', 7, "Invalid \\uXXXX escape"],
  ['{"a":"x\ny"}', 7, "Invalid control character at"],
  ["{} x", 3, "Extra data"],
  ["  ", 2, "Expecting value"],
  ["{a:1}", 1, "Expecting property name enclosed in double quotes"],
  ["{'a':1}", 1, "Expecting property name enclosed in double quotes"],
  ["nul", 0, "Expecting value"],
  ["-", 0, "Expecting value"],
  ["01", 1, "Extra data"],
  ['{"a":"é" "b"}', 9, "Expecting ',' delimiter"],
  ["[1 2]", 3, "Expecting ',' delimiter"],
  ['{"a":"😀" x}', 9, "Expecting ',' delimiter"],
  ["[", 1, "Expecting value"],
  ["[1", 2, "Expecting ',' delimiter"],
  ["[1,", 3, "Expecting value"],
  ['{"a"', 4, "Expecting ':' delimiter"],
  ['{"a":', 5, "Expecting value"],
  ['{"a":1', 6, "Expecting ',' delimiter"],
  ['{"a":1,', 7, "Expecting property name enclosed in double quotes"],
  ["tru", 0, "Expecting value"],
  ["1.", 1, "Extra data"],
  ["1e", 1, "Extra data"],
  ["1.5.", 3, "Extra data"],
  ['"', 0, "Unterminated string starting at"],
  ['"\\', 0, "Unterminated string starting at"],
  ['"\\u', 2, "Invalid \\uXXXX escape"],
  ['"\\u12', 2, "Invalid \\uXXXX escape"],
  ['"\\ud83d\\u12"', 8, "Invalid \\uXXXX escape"],
  ['"\\u1234', 2, "Invalid \\uXXXX escape"],
  ['"\\uzzzz"', 2, "Invalid \\uXXXX escape"],
  ["😀", 0, "Expecting value"],
  ['["😀", "\\x"]', 7, "Invalid \\escape"],
  ["[1,,2]", 3, "Expecting value"],
  ["-Infinit", 0, "Expecting value"],
  ["\u00a0{}", 0, "Expecting value"],
  ['{"a":1}}', 7, "Extra data"],
  ["[]]", 2, "Extra data"],
  ['"a" "b"', 4, "Extra data"],
  ["{,}", 1, "Expecting property name enclosed in double quotes"],
  ["[,]", 1, "Expecting value"],
  ['{"a":tru}', 5, "Expecting value"],
  ["\f{}", 0, "Expecting value"],
  ['"\u0000"', 1, "Invalid control character at"],
  ["+1", 0, "Expecting value"],
  [".5", 0, "Expecting value"],
  ["0x1", 1, "Extra data"],
  ["{1:2}", 1, "Expecting property name enclosed in double quotes"],
  ["nullx", 4, "Extra data"],
  ["NaNx", 3, "Extra data"],
];

for (const [text, offset, reason] of faulty) {
  test(`${JSON.stringify(text)} fails as it does in Python`, () => {
    expect(findJsonError(text)).toEqual({ offset, reason });
  });
}

test("what Python reads and this product does not is no error of Python's", () => {
  for (const text of ['{"a":NaN}', "-Infinity", '{"a":1,"a":2}', '{"__proto__":1}', "1e400"]) {
    expect(findJsonError(text)).toBeUndefined();
  }
  expect(findJsonError("[".repeat(1_000_000))).toBeUndefined();
});

test("JSON has no error, and what is no JSON has one where it begins to be none", () => {
  const pieces = fc.constantFrom(...'{}[]":,0 1e.-\\u\n\u{1f600}', '"a"', "null", "\\u00e9");
  const text = fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(fc.oneof(text, fc.json()), (given) => {
      const error = findJsonError(given);
      let valid = true;
      try {
        JSON.parse(given);
      } catch {
        valid = false;
      }
      expect(error === undefined).toBe(valid);
      if (error !== undefined) expect(error.offset).toBeLessThanOrEqual([...given].length);
    }),
    { numRuns: 1000 },
  );
});
