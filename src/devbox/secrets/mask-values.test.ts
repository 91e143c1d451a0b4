import fc from "fast-check";
import { expect, test } from "vitest";
import { maskValues } from "./mask-values.ts";

test.each([
  ["no token-1 here", ["token-1"], "no *** here"],
  ["twice: token-1token-1", ["token-1"], "twice: ******"],
  ["trimmed by its reader: token-1.", ["token-1\n"], "trimmed by its reader: ***."],
  ["one line of it: AAAABBBBCCCC", ["-----BEGIN-----\nAAAABBBBCCCC\nx\n"], "one line of it: ***"],
  ["the longer one first: abcdef", ["abcd", "abcdef"], "the longer one first: ***"],
  ["too short to tell: abc", ["abc", ""], "too short to tell: abc"],
  ["a pattern: $& and .*", ["....", "$&$&"], "a pattern: $& and .*"],
  ["nothing asked", [], "nothing asked"],
])("%j with %j is %j", (text, values, masked) => {
  expect(maskValues(text, values)).toBe(masked);
});

test("no value of a length that matters is left in any text", () => {
  const value = fc.string({ minLength: 4, maxLength: 20 }).filter((text) => !text.includes("*"));
  fc.assert(
    fc.property(fc.string(), fc.array(value, { minLength: 1 }), fc.string(), (...given) => {
      const [before, values, after] = given;
      const text = before + values.join(after) + after;
      const masked = maskValues(text, values);
      for (const each of values) expect(masked).not.toContain(each);
    }),
  );
});
