import "../../../test/support/property-seed.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readKey } from "./read-key.ts";

const keys = fc
  .string({ unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)) })
  .filter((key) => key.length > 0 && key.length <= 255);

/** As a String of structured fields. */
const quoted = (key: string): string => `"${key.replaceAll(/["\\]/g, "\\$&")}"`;

test("a key in quotes and the same bare are one", () => {
  fc.assert(
    fc.property(keys, (key) => {
      expect(readKey(quoted(key))).toBe(key);
      if (!key.startsWith('"')) expect(readKey(key)).toBe(key);
    }),
  );
});

test("whatever a key is read from, it is one", () => {
  const bytes = fc.uint8Array().map((all) => String.fromCharCode(...all));
  const anything = fc.oneof(fc.string(), bytes, keys, keys.map(quoted));
  fc.assert(
    fc.property(anything, (value) => {
      const key = readKey(value);
      if (key !== undefined) expect(key).toMatch(/^[!-~]{1,255}$/);
    }),
  );
});

test.each([
  ["8e03978e-40d5-43e8-bc93-6894a57f9324", "8e03978e-40d5-43e8-bc93-6894a57f9324"],
  ['"8e03978e-40d5-43e8-bc93-6894a57f9324"', "8e03978e-40d5-43e8-bc93-6894a57f9324"],
  ['"a\\"b\\\\c"', 'a"b\\c'],
  ['a"b', 'a"b'],
  ["a,b;c", "a,b;c"],
  ["x".repeat(255), "x".repeat(255)],
  [`"${"\\\\".repeat(255)}"`, "\\".repeat(255)],
])("%s is a key", (value, key) => {
  expect(readKey(value)).toBe(key);
});

test.each([
  "",
  '""',
  '"',
  '"a',
  '"a"b"',
  '"a\\b"',
  '"a\\"',
  '"a";p=1',
  '"a", "b"',
  "a, b",
  "a b",
  '"a b"',
  "a\tb",
  "a\u0000",
  "a\u007f",
  "ä",
  "x".repeat(256),
  `"${"x".repeat(256)}"`,
  `"${"\\".repeat(100_000)}"`,
])("%j is none", (value) => {
  expect(readKey(value)).toBeUndefined();
});
