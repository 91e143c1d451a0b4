import fc from "fast-check";
import { expect, test } from "vitest";
import { mask } from "./mask.ts";

test("values are hidden, longer ones first, and longer lines of those with several", () => {
  expect(mask("key=abcdef abc", ["abc", "abcdef"])).toBe("key=*** ***");
  expect(mask("-----BEGIN\nMIIEvQIBADAN\nx", ["-----BEGIN\nMIIEvQIBADAN\nshort"])).toBe(
    "***\n***\nx",
  );
  expect(mask("nothing", [""])).toBe("nothing");
});

test("no value is left, wherever it stands", () => {
  const value = fc.string({ minLength: 1 }).filter((text) => !"***".includes(text));
  fc.assert(
    fc.property(fc.string(), fc.string(), value, (before, after, secret) => {
      fc.pre(!secret.includes("*"));
      expect(mask(`${before}${secret}${after}`, [secret])).not.toContain(secret);
    }),
  );
});
