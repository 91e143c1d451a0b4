import fc from "fast-check";
import { expect, test } from "vitest";
import { FlyteError } from "../../shared/errors.ts";
import { parseApiKey } from "./api-key.ts";

const encode = (text: string): string => Buffer.from(text).toString("base64");

const printable = fc
  .string({ minLength: 1, unit: "grapheme" })
  .filter((text) => !/[\p{Cc}\p{Cs}]/u.test(text));
const field = printable.filter((text) => !text.includes(":"));
const endpoint = printable.filter((text) => text.trim() !== "");

test("a key gives back the fields it was made of, whatever colons the endpoint holds", () => {
  fc.assert(
    fc.property(endpoint, field, field, fc.option(field), (host, clientId, clientSecret, org) => {
      const key = encode(`${host}:${clientId}:${clientSecret}:${org ?? ""}`);
      expect(parseApiKey(key)).toEqual({
        kind: "client_credentials",
        endpoint: host,
        clientId,
        clientSecret,
        org: org === null || org === "None" ? undefined : org,
      });
    }),
  );
});

test.each([
  "acme.example.com",
  "acme.example.com:8443",
  "dns:///acme.example.com",
  "https://acme.example.com:443",
  "http://[::1]:30080",
])("the endpoint %s survives inside a key", (host) => {
  expect(parseApiKey(encode(`${host}:id:secret:acme`))).toMatchObject({
    endpoint: host,
    org: "acme",
  });
});

test("a key without its base64 padding, or with a line break after it, is still read", () => {
  const key = encode("acme.example.com:svc-1:s3cret:acme");
  expect(key).toBe("YWNtZS5leGFtcGxlLmNvbTpzdmMtMTpzM2NyZXQ6YWNtZQ==");
  expect(parseApiKey(`${key.replaceAll("=", "")}\n`)).toMatchObject({ clientId: "svc-1" });
});

test.each(["", "None"])("the org %j counts as absent", (org) => {
  expect(parseApiKey(encode(`h:id:secret:${org}`))).toMatchObject({ org: undefined });
});

test.each(["fwk_dGVzdA", "eyJhbGciOi.eyJzdWIi.c2ln", "abcd", "c2VjcmV0"])(
  "%s is an opaque bearer token",
  (token) => {
    expect(parseApiKey(token)).toEqual({ kind: "bearer", token });
  },
);

test.each([
  ["", "it is empty"],
  ["two words", "spaces"],
  ["ключ", "outside ASCII"],
  [encode("host:planted-secret"), "holds 2 parts"],
  [encode("host:id:planted-secret"), "holds 3 parts"],
  [encode(":id:planted-secret:org"), "its endpoint is empty"],
  [encode("host::planted-secret:org"), "its client id is empty"],
  [encode("host:id::org"), "its client secret is empty"],
  ["x".repeat(20_000), "longer than 16 KiB"],
])("%j is refused with the reason and without the key", (key, reason) => {
  const error = caught(key);
  expect(error.code).toBe("invalid_config");
  expect(error.message).toContain(reason);
  expect(error.message).not.toContain("planted-secret");
  if (key !== "") expect(error.message).not.toContain(key);
});

test("no text makes it throw anything but our error", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.base64String(), fc.string().map(encode)), (key) => {
      try {
        parseApiKey(key);
      } catch (error) {
        expect(FlyteError.is(error) && error.code).toBe("invalid_config");
      }
    }),
  );
});

function caught(key: string): FlyteError {
  try {
    parseApiKey(key);
  } catch (error) {
    if (FlyteError.is(error)) return error;
  }
  throw new Error("expected a FlyteError");
}
