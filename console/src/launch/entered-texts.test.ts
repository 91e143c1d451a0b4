import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseDatetime } from "../../../src/values/datetimes.ts";
import { namesZone, toDatetimeValue, toLocalText } from "./datetime-text.ts";
import { toFloatValue, toIntegerValue, toNumberText } from "./number-text.ts";

const zone = process.env["TZ"];
beforeAll(() => {
  process.env["TZ"] = "Europe/Zurich";
});
afterAll(() => {
  if (zone === undefined) delete process.env["TZ"];
  else process.env["TZ"] = zone;
});

test("a datetime without a zone is in that of the reader, or in UTC", () => {
  expect(toDatetimeValue("2026-07-01 12:30", "local")).toBe("2026-07-01T10:30:00+00:00");
  expect(toDatetimeValue("2026-01-01", "local")).toBe("2025-12-31T23:00:00+00:00");
  expect(toDatetimeValue("2026-07-01 12:30:15.000001", "local")).toBe(
    "2026-07-01T10:30:15.000001+00:00",
  );
  expect(toDatetimeValue("2026-07-01 12:30", "utc")).toBe("2026-07-01 12:30");
  expect(toDatetimeValue(" 2026-07-01T12:30+05:00 ", "local")).toBe("2026-07-01T12:30+05:00");
  expect(toDatetimeValue("tomorrow", "local")).toBe("tomorrow");
  expect(toDatetimeValue("2026-02-30 12:00", "local")).toBe("2026-02-30 12:00");
  // Skipped by the change to summer time, and there twice at its end.
  expect(toDatetimeValue("2026-03-29 02:30", "local")).toBe("2026-03-29T01:30:00+00:00");
  expect(toDatetimeValue("2026-10-25 02:30", "local")).toBe("2026-10-25T00:30:00+00:00");
  expect([namesZone("2026-07-01 12:30Z"), namesZone("2026-07-01 12:30")]).toEqual([true, false]);
});

test("a moment as it is entered means that moment", () => {
  const moments = fc.date({
    min: new Date("1970-01-01T00:00:00Z"),
    max: new Date("2100-01-01T00:00:00Z"),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(moments, (date) => {
      const seconds = BigInt(Math.floor(date.getTime() / 1_000));
      const value = toDatetimeValue(toLocalText(date), "local");
      // The hour that there is twice stands for its first.
      const distance = seconds - (parseDatetime(value)?.seconds ?? 0n);
      expect([0n, 3_600n]).toContain(distance);
    }),
  );
});

test("a number as it is entered is that number, exact", () => {
  fc.assert(
    fc.property(fc.bigInt(), fc.double({ noNaN: true }), (integer, float) => {
      expect(BigInt(String(toIntegerValue(toNumberText(integer))))).toBe(integer);
      expect(Number(toFloatValue(toNumberText(float)))).toBe(float);
    }),
  );
  expect(["", "x", "1_000", "0x10", "1e999", "--1"].map(toFloatValue)).toEqual([
    "",
    "x",
    "1_000",
    "0x10",
    "1e999",
    "--1",
  ]);
  expect(["nan", "-inf", "+Infinity"].map(toFloatValue)).toEqual(["NaN", "-Infinity", "Infinity"]);
});
