import fc from "fast-check";
import { expect, test } from "vitest";
import { formatApiKey, generateApiKey, hashSecret, parseApiKey, secretMatches } from "./api-key.ts";

test("every generated key is read back as it was printed", () => {
  for (let round = 0; round < 200; round += 1) {
    const key = generateApiKey();
    expect(parseApiKey(formatApiKey(key))).toEqual(key);
  }
});

/** As Flyte's SDKs have a key. */
function encode(endpoint: string, id: string, secret: string, org = ""): string {
  return Buffer.from([endpoint, id, secret, org].join(":")).toString("base64");
}

test("every generated key is read back from the form of Flyte's SDKs, whatever its endpoint and org", () => {
  const name = fc.string({ maxLength: 50 }).filter((text) => !/\p{Cc}/u.test(text));
  const org = name.filter((text) => !text.includes(":"));
  fc.assert(
    fc.property(name, org, (endpoint, owner) => {
      const key = generateApiKey();
      const text = encode(endpoint, key.id, key.secret, owner);
      expect(parseApiKey(text)).toEqual(key);
      expect(parseApiKey(text.replace(/=+$/, ""))).toEqual(key);
    }),
  );
});

test("any text is either a key that prints the same or none", () => {
  const hex = fc.string({ unit: fc.constantFrom(..."0123456789abcdefG_"), maxLength: 17 });
  const tail = fc.string({ unit: fc.constantFrom(..."aZ09_-+="), minLength: 42, maxLength: 44 });
  const nearly = fc.tuple(hex, tail).map(([id, secret]) => `fwk_${id}_${secret}`);
  fc.assert(
    fc.property(fc.oneof(fc.string(), nearly), (text) => {
      const key = parseApiKey(text);
      if (key !== undefined) expect(formatApiKey(key)).toBe(text);
    }),
  );
});

test.each([
  "",
  "fwk_",
  `fwk_0123456789abcdef_${"a".repeat(43)}\n`,
  ` fwk_0123456789abcdef_${"a".repeat(43)}`,
  `FWK_0123456789abcdef_${"a".repeat(43)}`,
  `fwk_0123456789ABCDEF_${"a".repeat(43)}`,
  `fwk_0123456789abcdef_${"a".repeat(42)}`,
  `fwk_0123456789abcdef_${"a".repeat(44)}`,
  encode("h", "0123456789abcdef", "a".repeat(42)),
  encode("h", "0123456789ABCDEF", "a".repeat(43)),
  encode("h", "0123456789abcdef", `${"a".repeat(43)}\n`),
  encode("x".repeat(3_000), "0123456789abcdef", "a".repeat(43)),
  Buffer.from(`0123456789abcdef:${"a".repeat(43)}:`).toString("base64"),
  Buffer.from(`fwk_0123456789abcdef_${"a".repeat(43)}`).toString("base64"),
  ` ${encode("h", "0123456789abcdef", "a".repeat(43))}`,
  encode("h", "0123456789abcdef", "a".repeat(43)).replace(/.$/, "!"),
])("%j is not a key", (text) => {
  expect(parseApiKey(text)).toBeUndefined();
});

test("only the right secret matches, and no hash of any length throws", () => {
  fc.assert(
    fc.property(fc.string(), fc.uint8Array({ maxLength: 72 }), (secret, bytes) => {
      expect(secretMatches(secret, hashSecret(secret))).toBe(true);
      expect(secretMatches(secret, bytes)).toBe(false);
      expect(secretMatches(`${secret}x`, hashSecret(secret))).toBe(false);
    }),
  );
});
