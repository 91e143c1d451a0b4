import { createHmac } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { JsonValue } from "../../shared/json.ts";
import {
  createLinkId,
  type LinkClaims,
  maxTokenLength,
  readToken,
  writeToken,
} from "./link-token.ts";

const key = new Uint8Array(32).fill(7);
const text = fc.string({ unit: "grapheme", maxLength: 63 });
const value = fc.option(
  fc.oneof(fc.boolean(), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), text),
  { nil: undefined },
);
const claims: fc.Arbitrary<LinkClaims> = fc.record({
  project: text,
  domain: text,
  run: text,
  action: text,
  expiresAt: fc.nat(),
  id: fc.constant(createLinkId()),
  value: value as fc.Arbitrary<JsonValue | undefined>,
});

test("a token says what it was made of, to the key that made it alone", () => {
  fc.assert(
    fc.property(claims, (given) => {
      const token = writeToken(key, given);
      expect(token).toMatch(/^[\w-]+\.[\w-]+$/);
      expect(readToken(key, token)).toEqual(given);
      expect(readToken(new Uint8Array(32), token)).toBeUndefined();
    }),
  );
});

test("a token with any character changed, dropped or added is none", () => {
  const some = { project: "p", domain: "d", run: "r", action: "a", expiresAt: 9, id: "i" };
  const token = writeToken(key, { ...some, value: true });
  fc.assert(
    fc.property(fc.nat(token.length - 1), fc.string({ maxLength: 2 }), (at, other) => {
      const changed = token.slice(0, at) + other + token.slice(at + 1);
      fc.pre(changed !== token);
      expect(readToken(key, changed)).toBeUndefined();
    }),
  );
});

const payload = Buffer.from('[1,"p","d","r","a",99999999999999,"i"]').toString("base64url");
const sign = (of: string, by: string | Uint8Array = key) =>
  createHmac("sha256", by).update(of).digest("base64url");
const proof = sign(payload);

test.for<readonly [string, string]>([
  ["nothing", ""],
  ["a dot", "."],
  ["a payload alone", payload],
  ["an empty proof", `${payload}.`],
  ["no payload", `.${sign("")}`],
  ["a proof of another payload", `${payload}.${sign("x")}`],
  ["a proof by an empty key", `${payload}.${sign(payload, "")}`],
  ["a proof in hexadecimal", `${payload}.${Buffer.from(proof, "base64url").toString("hex")}`],
  ["a proof with padding", `${payload}.${proof}=`],
  ["a short proof", `${payload}.${proof.slice(0, -1)}`],
  ["two proofs", `${payload}.${proof}.${proof}`],
  ["a line break", `${payload}.${proof}\n`],
  ["a space before it", ` ${payload}.${proof}`],
  ["standard base64", `${payload}+/.${proof}`],
  ["a JSON web token without algorithm", `eyJhbGciOiJub25lIn0.${payload}.`],
  [
    "another version",
    ((text) => `${text}.${sign(text)}`)(Buffer.from("[2]").toString("base64url")),
  ],
  ["an object", ((text) => `${text}.${sign(text)}`)(Buffer.from("{}").toString("base64url"))],
  ["more than is looked at", `${"A".repeat(maxTokenLength)}.${proof}`],
])("a token that is %s is none", ([, token]) => {
  expect(readToken(key, token)).toBeUndefined();
});

test("no two links have the same id", () => {
  expect(new Set(Array.from({ length: 1000 }, createLinkId)).size).toBe(1000);
});
