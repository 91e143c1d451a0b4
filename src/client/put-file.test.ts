import fc from "fast-check";
import { expect, test } from "vitest";
import { toUploadWaitMs } from "./put-file.ts";

test("waits double from half a second up to ten", () => {
  const waits = [0, 1, 2, 3, 4, 5, 60].map((retry) => toUploadWaitMs(retry, undefined));
  expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
});

test.each([
  ["0", 0],
  ["7", 7_000],
  [" 7 ", 7_000],
  ["61", 60_000],
  ["99999999999999999999", 60_000],
])("the store's Retry-After of %j decides, up to a minute", (retryAfter, expected) => {
  expect(toUploadWaitMs(3, retryAfter)).toBe(expected);
});

test.each(["", "-1", "1.5", "soon", "0x10", "1e1", "Fri, 31 Dec 1999 23:59:59 GMT"])(
  "a Retry-After of %j does not count",
  (retryAfter) => {
    expect(toUploadWaitMs(1, retryAfter)).toBe(1_000);
  },
);

test("whatever the store says, the wait is between nothing and a minute", () => {
  fc.assert(
    fc.property(fc.nat(), fc.option(fc.string(), { nil: undefined }), (retry, retryAfter) => {
      const waitMs = toUploadWaitMs(retry, retryAfter);
      return waitMs >= 0 && waitMs <= 60_000;
    }),
  );
});
