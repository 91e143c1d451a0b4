import fc from "fast-check";
import { expect, test } from "vitest";
import { defaultExtractors, headerExtractor } from "./extractors.ts";
import { readCredentials } from "./read-credentials.ts";

const read = (...rawHeaders: string[]) => readCredentials(rawHeaders, defaultExtractors);

const absent = { kind: "absent" };

const table: readonly (readonly [name: string, headers: string[], expected: unknown])[] = [
  ["no header", [], absent],
  ["an unrelated header", ["x-api-key", "k"], absent],
  ["an empty authorization", ["authorization", ""], absent],
  ["an authorization of spaces", ["authorization", "   "], absent],
  ["a scheme without a token", ["authorization", "Bearer"], absent],
  ["a scheme without a token, lower case", ["authorization", "bearer "], absent],
  ["an empty cookie", ["cookie", ""], absent],
  ["a bearer token", ["Authorization", "Bearer t"], [["authorization", "Bearer t"]]],
  ["a token without a scheme", ["authorization", "t"], [["authorization", "t"]]],
  ["a cookie", ["Cookie", "a=b; c=d"], [["cookie", "a=b; c=d"]]],
  [
    "both, authorization first",
    ["cookie", "a=b", "authorization", "Bearer t"],
    [
      ["authorization", "Bearer t"],
      ["cookie", "a=b"],
    ],
  ],
  ["two authorizations", ["authorization", "Bearer a", "Authorization", "Bearer b"], "refused"],
  ["the same authorization twice", ["authorization", "a", "authorization", "a"], "refused"],
  ["an empty and a full authorization", ["authorization", "", "authorization", "a"], "refused"],
  ["two cookies", ["cookie", "a=b", "cookie", "c=d"], "refused"],
  ["a tab", ["authorization", "Bearer a\tb"], "refused"],
  ["a non-ASCII letter", ["authorization", "Bearer é"], "refused"],
  ["a NUL", ["authorization", "Bearer a\0"], "refused"],
  ["a line break", ["authorization", "Bearer a\r\nx: y"], "refused"],
  ["a DEL", ["cookie", "a=\x7f"], "refused"],
];

for (const [name, headers, expected] of table) {
  test(`credentials from ${name}`, () => {
    const reading = read(...headers);
    if (expected === "refused") expect(reading.kind).toBe("refused");
    else if (expected === absent) expect(reading).toEqual(absent);
    else expect(reading).toEqual({ kind: "present", metadata: expected });
  });
}

test("a refusal names the header and never its value", () => {
  const reading = read("authorization", "Bearer planted-sécret");
  expect(JSON.stringify(reading)).toContain("authorization");
  expect(JSON.stringify(reading)).not.toContain("planted");
});

test("a header can be mapped to the one the control plane reads", () => {
  const extractor = headerExtractor("X-Api-Key", { forwardAs: "authorization", prefix: "Bearer " });
  expect(readCredentials(["x-api-key", "k"], [extractor])).toEqual({
    kind: "present",
    metadata: [["authorization", "Bearer k"]],
  });
});

for (const header of ["content-type", "Host", "connect-timeout-ms", "te", "", "a b", "a:b"]) {
  test(`${JSON.stringify(header)} cannot carry a credential`, () => {
    expect(() => headerExtractor(header)).toThrow();
    expect(() => headerExtractor("x-a", { forwardAs: header })).toThrow();
  });
}

test("whatever is forwarded is visible ASCII and was sent exactly once", () => {
  const name = fc.constantFrom("authorization", "Authorization", "cookie", "x-other");
  fc.assert(
    fc.property(fc.array(fc.tuple(name, fc.string({ unit: "binary" }))), (headers) => {
      const reading = readCredentials(headers.flat(), defaultExtractors);
      if (reading.kind !== "present") return;
      for (const [key, value] of reading.metadata) {
        expect(value).toMatch(/^[\x20-\x7e]+$/);
        expect(headers.filter(([sent]) => sent.toLowerCase() === key)).toHaveLength(1);
      }
    }),
  );
});
