import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  deriveTokenKey,
  formatAccessToken,
  parseAccessToken,
  tokenMatches,
} from "./access-token.ts";
import { generateApiKey, hashSecret } from "./api-key.ts";

const tokenKey = deriveTokenKey(randomBytes(32));
const key = () => {
  const { id, secret } = generateApiKey();
  return { id, secretHash: hashSecret(secret) };
};
const end = fc.integer({ min: 1, max: 10 ** 14 });

test("a token is read back, and proves its own key and end alone", () => {
  fc.assert(
    fc.property(end, end, (expiresAt, later) => {
      const own = key();
      const token = parseAccessToken(formatAccessToken(tokenKey, own, expiresAt));
      if (token === undefined) throw new Error("not read back");
      expect(token).toMatchObject({ keyId: own.id, expiresAt });
      expect(tokenMatches(tokenKey, token, own.secretHash)).toBe(true);
      const other = key();
      expect(tokenMatches(tokenKey, token, other.secretHash)).toBe(false);
      expect(tokenMatches(tokenKey, { ...token, keyId: other.id }, own.secretHash)).toBe(false);
      const longer = { ...token, expiresAt: expiresAt + later };
      expect(tokenMatches(tokenKey, longer, own.secretHash)).toBe(false);
      expect(tokenMatches(randomBytes(32), token, own.secretHash)).toBe(false);
    }),
  );
});

test.each([
  "",
  "fwt_",
  `fwt_0123456789abcdef_1_${"a".repeat(42)}`,
  `fwt_0123456789abcdef_1_${"a".repeat(44)}`,
  `fwt_0123456789abcdef_01_${"a".repeat(43)}`,
  `fwt_0123456789abcdef_-1_${"a".repeat(43)}`,
  `fwt_0123456789abcdef_1e9_${"a".repeat(43)}`,
  `fwt_0123456789abcdef_${"9".repeat(16)}_${"a".repeat(43)}`,
  `fwt_0123456789ABCDEF_1_${"a".repeat(43)}`,
  `fwt_0123456789abcdef_1_${"a".repeat(43)}\n`,
  `fwk_0123456789abcdef_${"a".repeat(43)}`,
])("%j is not a token", (text) => {
  expect(parseAccessToken(text)).toBeUndefined();
});
