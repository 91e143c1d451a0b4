import { expect, test } from "vitest";
import { authorizationExtractor, headerExtractor } from "./extractors.ts";

const invalidConfig = expect.objectContaining({ name: "FlyteError", code: "invalid_config" });

test.each(["x-request-id", "Connection", "user-agent", "content-type", "connect-timeout-ms", "te"])(
  "%s cannot be made a credential, so that no request fails for it later",
  (header) => {
    expect(() => headerExtractor(header)).toThrow(invalidConfig);
    expect(() => headerExtractor("x-key", { forwardAs: header })).toThrow(invalidConfig);
  },
);

test("a header of one's own can", () => {
  expect(() => headerExtractor("x-api-key")).not.toThrow();
});

test.each([" Bearer ", "Bearer\n", "Schlüssel "])("%j cannot stand before a value", (prefix) => {
  expect(() => headerExtractor("x-key", { prefix })).toThrow(invalidConfig);
});

test("authorization is forwarded as it is", () => {
  expect(authorizationExtractor.toMetadata("Bearer a")).toEqual(["authorization", "Bearer a"]);
});
