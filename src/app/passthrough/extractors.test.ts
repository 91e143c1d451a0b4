import { expect, test } from "vitest";
import { headerExtractor } from "./extractors.ts";

test.each(["x-request-id", "Connection", "user-agent", "content-type", "connect-timeout-ms", "te"])(
  "%s cannot be made a credential, so that no request fails for it later",
  (header) => {
    expect(() => headerExtractor(header)).toThrow(
      expect.objectContaining({ name: "FlyteError", code: "invalid_config" }),
    );
  },
);

test("a header of one's own can", () => {
  expect(() => headerExtractor("x-api-key")).not.toThrow();
});
