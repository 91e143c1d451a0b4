import fc from "fast-check";
import { expect, test } from "vitest";
import { toHeaderName } from "./discover.ts";

test.each([
  ["", "authorization"],
  ["  ", "authorization"],
  ["flyte-authorization", "flyte-authorization"],
  ["Flyte-Authorization", "flyte-authorization"],
  ["a b", "authorization"],
  ["a:b", "authorization"],
  ["x\r\ny: z", "authorization"],
  ["Host", "authorization"],
  ["content-type", "authorization"],
  ["Transfer-Encoding", "authorization"],
  ["connect-protocol-version", "authorization"],
])("the metadata key %j becomes the header %s", (key, header) => {
  expect(toHeaderName(key)).toBe(header);
});

test("whatever a server names, the result is a header that can be set", () => {
  fc.assert(
    fc.property(fc.string(), (key) => {
      expect(() => new Headers([[toHeaderName(key), "Bearer x"]])).not.toThrow();
    }),
  );
});
