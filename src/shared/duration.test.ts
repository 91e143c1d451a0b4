import fc from "fast-check";
import { expect, test } from "vitest";
import { parseDuration, parseDurationNanos, printDuration } from "./duration.ts";
import { FlyteError } from "./errors.ts";

test.each([
  ["90s", 90_000],
  ["1h30m", 5_400_000],
  ["250ms", 250],
  ["1.5s", 1500],
  ["2d", 172_800_000],
  ["PT1H30M", 5_400_000],
  ["P1DT0.5S", 86_400_500],
  ["P2W", 1_209_600_000],
  ["-PT1M", -60_000],
  ["90", 90_000],
  [" 0.25 ", 250],
  [90, 90_000],
  [1e3, 1_000_000],
  [1e-7, 0.0001],
  [-0.5, -500],
])("%j is %d milliseconds", (value, milliseconds) => {
  expect(parseDuration(value)).toBe(milliseconds);
});

test.each(["", "P", "PT", "1x", "h", "1h 30m", "P1Y", "P1M", "--1s", "NaN", "1e999s", "s1", "٣s"])(
  "%j is refused with the forms that would be right",
  (text) => {
    expect(() => parseDuration(text)).toThrow(/is not a duration; give seconds/);
  },
);

test("nanoseconds are exact", () => {
  expect(parseDurationNanos("315576000000.123456789")).toBe(315576000000123456789n);
  expect(parseDurationNanos(90.000005)).toBe(90000005000n);
  expect(parseDurationNanos("1ns")).toBe(1n);
});

test("what is printed is read back to the millisecond", () => {
  fc.assert(
    fc.property(fc.integer({ min: -(2 ** 45), max: 2 ** 45 }), (ms) => {
      expect(parseDuration(printDuration(ms)) - ms).toBe(0);
    }),
  );
  expect(printDuration(5_400_250)).toBe("1h30m250ms");
  expect(printDuration(0)).toBe("0s");
});

test("any text is read or refused with our error", () => {
  const texts = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom(..."PT0123.,smhdWDHMSe+-") }),
  );
  fc.assert(
    fc.property(texts, (text) => {
      try {
        expect(typeof parseDurationNanos(text)).toBe("bigint");
      } catch (error) {
        expect(FlyteError.is(error)).toBe(true);
      }
    }),
  );
});
