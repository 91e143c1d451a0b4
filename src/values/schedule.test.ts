import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { expect, test } from "vitest";
import { FixedRateUnit, type Schedule, ScheduleSchema } from "../idl/triggers.ts";
import { readSchedule } from "./schedule.ts";

const rate = (value: number, unit: FixedRateUnit, start?: number): Schedule =>
  create(ScheduleSchema, {
    expression: {
      case: "rate",
      value: {
        value,
        unit,
        ...(start !== undefined && { startTime: timestampFromDate(new Date(start)) }),
      },
    },
  });

const cron = (expression: string, timezone = ""): Schedule =>
  create(ScheduleSchema, { expression: { case: "cron", value: { expression, timezone } } });

const noon = Date.parse("2026-05-01T12:00:00Z");

test("an interval begins one after the trigger was switched on", () => {
  const times = readSchedule(rate(10, FixedRateUnit.MINUTE));
  expect(times.next(noon, noon)).toBe(noon + 600_000);
  expect(times.next(noon + 600_000, noon)).toBe(noon + 1_200_000);
});

test("an interval with a start begins there, or at the next whole interval after it", () => {
  const times = readSchedule(rate(1, FixedRateUnit.DAY, noon));
  expect(times.next(noon - 5, 0)).toBe(noon);
  expect(times.next(noon + 5, noon + 5)).toBe(noon + 86_400_000);
});

test("the next fire of an interval is the first whole one after the instant", () => {
  const instants = fc.integer({ min: 0, max: 4e12 });
  fc.assert(
    fc.property(instants, instants, fc.integer({ min: 1, max: 5000 }), (after, since, minutes) => {
      const next =
        readSchedule(rate(minutes, FixedRateUnit.MINUTE)).next(after, since) ?? Number.NaN;
      expect(next).toBeGreaterThan(after);
      expect((next - since) % (minutes * 60_000)).toBe(0);
      expect(next <= since + minutes * 60_000 || next - minutes * 60_000 <= after).toBe(true);
    }),
  );
});

test("every so often is an interval, in any expression", () => {
  expect(readSchedule(cron("@every 1s")).next(noon, noon)).toBe(noon + 1000);
  const legacy = create(ScheduleSchema, {
    expression: { case: "cronExpression", value: "@every 1h30m" },
  });
  expect(readSchedule(legacy).next(noon, noon)).toBe(noon + 5_400_000);
});

test("a zone may stand before the expression", () => {
  const times = readSchedule(cron("CRON_TZ=Asia/Tokyo 0 9 * * *"));
  expect(times.next(noon, noon)).toBe(Date.parse("2026-05-02T00:00:00Z"));
});

test.each<[Schedule, string]>([
  [create(ScheduleSchema), "must have a rate or a cron expression"],
  [rate(0, FixedRateUnit.MINUTE), "at least 1"],
  [rate(1, FixedRateUnit.UNSPECIFIED), "in minutes, hours or days"],
  [cron("@every 10ms"), "at least one second"],
  [cron("@every soon"), "soon"],
  [cron("* * * *"), "five fields"],
])("refuses what is no schedule (%#)", (schedule, reason) => {
  expect(() => readSchedule(schedule)).toThrow(reason);
});
