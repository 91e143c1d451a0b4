import fc from "fast-check";
import { expect, test } from "vitest";
import { FlyteError } from "../shared/errors.ts";
import type { AuthMetadata } from "./auth-metadata.ts";
import { toCredentialHeaders, toCredentialKey } from "./credential-headers.ts";

test("names are lower case and the last value of a name counts", () => {
  const metadata: AuthMetadata = [
    ["Authorization", "Bearer a"],
    ["cookie", "s=1"],
    ["authorization", "Bearer b"],
  ];
  expect(toCredentialHeaders(metadata)).toEqual(["authorization", "Bearer b", "cookie", "s=1"]);
  expect(toCredentialHeaders(undefined)).toEqual([]);
});

test.each(["a\nb", "a\r\nx: y", "schlüssel", "", " a", "a ", "a\tb", "a\0"])(
  "the value %j is refused without being repeated",
  (value) => {
    const attempt = (): unknown => toCredentialHeaders([["authorization", `${value}`]]);
    expect(attempt).toThrow(FlyteError);
    if (value.trim().length > 1) expect(attempt).not.toThrow(value);
  },
);

test.each(["", "a b", "content-type", "Host", "connect-timeout-ms", "x:y", "é"])(
  "the header name %j cannot carry a credential",
  (name) => {
    expect(() => toCredentialHeaders([[name, "v"]])).toThrow(FlyteError);
  },
);

test("keys tell credentials apart and hold none", () => {
  const value = fc.stringMatching(/^[!-~]{8,40}$/);
  fc.assert(
    fc.property(value, value, (one, other) => {
      const key = toCredentialKey([["authorization", one]]);
      expect(key).not.toContain(one);
      expect(key === toCredentialKey([["authorization", other]])).toBe(one === other);
    }),
  );
  expect(toCredentialKey(undefined)).toBe("");
});

test("any pairs give headers of visible ASCII, or our error", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string(), fc.string({ unit: "binary" }))), (pairs) => {
      try {
        for (const text of toCredentialHeaders(pairs)) expect(text).toMatch(/^[ -~]+$/);
      } catch (error) {
        if (!FlyteError.is(error)) throw error;
      }
    }),
  );
});
