import fc from "fast-check";
import { expect, test } from "vitest";
import { redactor } from "./redact.ts";

test("a credential is taken out whole and in its parts", () => {
  const redact = redactor([
    ["authorization", "Bearer planted-key"],
    ["cookie", "theme=dark; session=planted-session"],
  ]);
  expect(redact("got Bearer planted-key")).toBe("got [credential]");
  expect(redact("the token planted-key, of planted-session")).toBe(
    "the token [credential], of [credential]",
  );
  expect(redact("a dark theme")).toBe("a dark theme");
});

test("no text keeps a token of eight characters or more", () => {
  const token = fc.stringMatching(/^[A-Za-z0-9._~+/-]{8,64}$/);
  fc.assert(
    fc.property(token, fc.string(), fc.string(), (secret, before, after) => {
      const redact = redactor([["authorization", `Bearer ${secret}`]]);
      const shown = redact(`${before}${secret}${after}`);
      fc.pre(!"[credential]".includes(secret));
      expect(shown).not.toContain(secret);
    }),
  );
});

test("without a credential a text stays as it is", () => {
  expect(redactor(null)("Bearer planted-key")).toBe("Bearer planted-key");
});
