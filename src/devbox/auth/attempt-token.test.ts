import fc from "fast-check";
import { expect, test } from "vitest";
import {
  attemptTokenMatches,
  deriveAttemptKey,
  formatAttemptToken,
  parseAttemptToken,
} from "./attempt-token.ts";

const key = deriveAttemptKey(new Uint8Array(32));
const other = deriveAttemptKey(new Uint8Array(32).fill(1));
const number = fc.integer({ min: 1, max: 2 ** 29 });

test("a token names its attempt and is proved by its key alone", () => {
  fc.assert(
    fc.property(number, number, (action, attempt) => {
      const token = parseAttemptToken(formatAttemptToken(key, action, attempt));
      expect(token).toMatchObject({ action, attempt });
      if (token === undefined) return;
      expect(attemptTokenMatches(key, token)).toBe(true);
      expect(attemptTokenMatches(other, token)).toBe(false);
      expect(attemptTokenMatches(key, { ...token, attempt: attempt + 1 })).toBe(false);
      expect(attemptTokenMatches(key, { ...token, action: action + 1 })).toBe(false);
    }),
  );
});

test("what reads alike when it is joined differently is another token", () => {
  const [left, right] = [formatAttemptToken(key, 1, 11), formatAttemptToken(key, 11, 1)];
  expect(left.split("_").at(-1)).not.toBe(right.split("_").at(-1));
});

const proof = "A".repeat(43);
test.for([
  ["", "fwa_", "fwa_1_1_", `fwa_0_1_${proof}`, `fwa_1_0_${proof}`, `fwa_01_1_${proof}`],
  [`fwa_1_1_${proof}A`, `fwa_1_1_${proof.slice(1)}`, `fwa_-1_1_${proof}`, `fwa_1e3_1_${proof}`],
  [
    `fwk_1_1_${proof}`,
    ` fwa_1_1_${proof}`,
    `fwa_1_1_${proof}\n`,
    `fwa_9999999999999999_1_${proof}`,
  ],
])("%j have not the form of a token", (texts) => {
  for (const text of texts) expect(parseAttemptToken(text)).toBeUndefined();
});
