import fc from "fast-check";
import { expect, test } from "vitest";
import { FlyteError } from "../shared/errors.ts";
import { encodeApiKey, splitApiKey } from "./api-key-text.ts";

const printable = fc.string({ unit: "grapheme" }).filter((text) => !/[\p{Cc}\p{Cs}]/u.test(text));
const field = printable.filter((text) => !text.includes(":"));
const filled = field.filter((text) => text !== "");
const host = fc.constantFrom("acme.example.com", "localhost", "127.0.0.1", "[::1]", "[fe80::1]");
const port = fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined });
const scheme = fc.constantFrom("", "http://", "https://", "dns:///");
const endpoint = fc.oneof(
  fc
    .tuple(scheme, host, port)
    .map(([before, name, after]) => before + name + (after === undefined ? "" : `:${after}`)),
  printable.filter((text) => text !== ""),
);

test("every key is read back as it was made, with schemes, ports, IPv6 and without an org", () => {
  fc.assert(
    fc.property(endpoint, filled, filled, field, (...fields) => {
      const [where, clientId, clientSecret, org] = fields;
      const text = encodeApiKey({ endpoint: where, clientId, clientSecret, org });
      expect(splitApiKey(text)).toEqual(fields);
      expect(splitApiKey(text.replace(/=+$/, ""))).toEqual(fields);
    }),
  );
});

test("a key of an endpoint without colons is what Flyte's own split at the first three gives", () => {
  fc.assert(
    fc.property(filled, filled, filled, field, (...fields) => {
      const [where, clientId, clientSecret, org] = fields;
      const text = encodeApiKey({ endpoint: where, clientId, clientSecret, org });
      expect(Buffer.from(text, "base64").toString().split(":")).toEqual(fields);
    }),
  );
});

test("fields that could not be told apart again make no key", () => {
  const good = { endpoint: "h", clientId: "i", clientSecret: "s", org: "o" };
  const bad = [
    { endpoint: "" },
    { clientId: "" },
    { clientSecret: "" },
    { clientId: "a:b" },
    { clientSecret: "a:b" },
    { org: "a:b" },
    { endpoint: "a\nb" },
    { org: "\0" },
  ];
  for (const change of bad) {
    expect(() => encodeApiKey({ ...good, ...change })).toThrow(FlyteError);
  }
});

test("no text makes the reading throw, and what is read has at most four parts", () => {
  const encoded = fc.string().map((text) => Buffer.from(text).toString("base64"));
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.base64String(), encoded), (text) => {
      expect(splitApiKey(text)?.length ?? 4).toBeLessThanOrEqual(4);
    }),
  );
});
