import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseQuantity } from "./quantity.ts";

const nano = 1_000_000_000n;
const scale = new Map<string, bigint>([
  ["n", 1n],
  ["u", 1_000n],
  ["m", 1_000_000n],
  ["", nano],
  ["k", 1_000n * nano],
  ["Ki", 1_024n * nano],
  ["M", 1_000_000n * nano],
  ["Mi", 1_048_576n * nano],
  ["E", 10n ** 18n * nano],
  ["Ei", 2n ** 60n * nano],
]);

describe("a quantity", () => {
  test.each([
    ["1", nano],
    ["1.5", (nano * 3n) / 2n],
    [".5", nano / 2n],
    ["2.", 2n * nano],
    ["500m", nano / 2n],
    ["512Mi", 512n * 1024n * 1024n * nano],
    ["1e3", 1000n * nano],
    ["1E3", 1000n * nano],
    ["5e-1", nano / 2n],
    ["0.1Ki", (1024n * nano) / 10n],
  ])("%s is read", (text, nanos) => {
    expect(parseQuantity(text)).toEqual({ text, nanos });
  });

  test.each([
    "",
    ".",
    "Mi",
    "-1",
    "+1",
    "1 Mi",
    " 1",
    "1mi",
    "1MB",
    "1Kib",
    "1K",
    "1KI",
    "1e",
    "1ee3",
    "1e999",
    "0x10",
    "1,5",
    "1.5.5",
    "0.1n",
    "1\n",
    "١",
    "NaN",
    "Infinity",
    "9".repeat(40),
  ])("%j is none", (text) => {
    expect(parseQuantity(text)).toBeUndefined();
  });

  test("of a whole number and a suffix is their product", () => {
    const suffix = fc.constantFrom(...scale.keys());
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 17n }), suffix, (count, unit) => {
        expect(parseQuantity(`${count}${unit}`)?.nanos).toBe(count * (scale.get(unit) ?? 0n));
      }),
    );
  });

  test("moves its point with its exponent", () => {
    const digits = fc.bigInt({ min: 0n, max: 10n ** 9n });
    fc.assert(
      fc.property(digits, fc.integer({ min: 0, max: 20 }), (count, exponent) => {
        const zeros = "0".repeat(exponent);
        const long = BigInt(`${count}${zeros}`) * nano;
        expect(parseQuantity(`${count}e${exponent}`)?.nanos).toBe(long);
        if (exponent > 9) return;
        const fraction = `${count}`.padStart(exponent + 1, "0");
        const at = fraction.length - exponent;
        const short = `${fraction.slice(0, at)}.${fraction.slice(at)}`;
        expect(parseQuantity(short)?.nanos).toBe(parseQuantity(`${count}e-${exponent}`)?.nanos);
      }),
    );
  });

  test("is never made of a text with anything else in it", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 8 }), (text) => {
        if (parseQuantity(text) !== undefined)
          expect(text).toMatch(/^[0-9.]+([a-zA-Z]{1,2}|[eE][+-]?\d+)?$/);
      }),
    );
  });
});
