import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { seal, unseal } from "./seal.ts";

const key = randomBytes(32);
const name = fc.string();
const owner = fc.record({ project: name, domain: name, name });
const value = fc.uint8Array({ maxLength: 200 });

test("a value opens for the secret it was sealed for, as it was", () => {
  fc.assert(
    fc.property(owner, value, (secret, bytes) => {
      const opened = unseal(key, secret, seal(key, secret, bytes));
      expect(opened && [...opened]).toEqual([...bytes]);
    }),
  );
});

test("a value opens for no other secret, in no other scope, and with no other key", () => {
  fc.assert(
    fc.property(owner, owner, value, (secret, other, bytes) => {
      const sealed = seal(key, secret, bytes);
      const moved = { ...secret, project: secret.domain, domain: secret.project };
      for (const wrong of [other, moved, { ...secret, name: `${secret.name}x` }]) {
        if (JSON.stringify(wrong) === JSON.stringify(secret)) continue;
        expect(unseal(key, wrong, sealed)).toBeUndefined();
      }
      expect(unseal(randomBytes(32), secret, sealed)).toBeUndefined();
    }),
  );
});

test("a changed, cut or invented value opens for nobody, and none throws", () => {
  fc.assert(
    fc.property(owner, value, fc.nat(), fc.integer({ min: 1, max: 255 }), (...given) => {
      const [secret, bytes, at, flip] = given;
      const sealed = seal(key, secret, bytes);
      const changed = Uint8Array.from(sealed);
      const index = at % changed.length;
      changed[index] = (changed[index] ?? 0) ^ flip;
      expect(unseal(key, secret, changed)).toBeUndefined();
      expect(unseal(key, secret, sealed.subarray(0, at % sealed.length))).toBeUndefined();
      expect(unseal(key, secret, bytes)).toBeUndefined();
    }),
  );
});

test("equal values are sealed differently each time, and hold nothing of the value", () => {
  const secret = { project: "p", domain: "d", name: "n" };
  const bytes = Buffer.from("planted-value");
  const sealed = Array.from({ length: 50 }, () => Buffer.from(seal(key, secret, bytes)));
  expect(new Set(sealed.map((each) => each.toString("hex"))).size).toBe(50);
  for (const each of sealed) expect(each.includes("planted")).toBe(false);
});
