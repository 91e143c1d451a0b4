import { create } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { FixedRateUnit, type Schedule, ScheduleSchema } from "../../../../src/idl/triggers.ts";
import { readSchedule } from "../../../../src/values/schedule.ts";
import { nextFires } from "./next-fires.ts";
import { nextFireOf } from "./trigger-row.ts";
import { toZoneTime } from "./zone-time.ts";

const cron = (expression: string, timezone = ""): Schedule =>
  create(ScheduleSchema, { expression: { case: "cron", value: { expression, timezone } } });

const every = (value: number): Schedule =>
  create(ScheduleSchema, {
    expression: { case: "rate", value: { value, unit: FixedRateUnit.MINUTE } },
  });

const start = Date.parse("2026-03-28T12:00:00Z");

test("each fire is the first one after that before it", () => {
  const schedules = fc.oneof(
    fc.constantFrom(cron("0 2 * * *", "Europe/Berlin"), cron("*/7 * * * 1-5"), cron("0 0 29 2 *")),
    fc.integer({ min: 1, max: 5_000 }).map(every),
  );
  const instants = fc.integer({ min: 0, max: 4e12 });
  fc.assert(
    fc.property(schedules, instants, instants, (schedule, since, now) => {
      const times = readSchedule(schedule);
      const found = nextFires(schedule, { since, now, count: 5 }) ?? [];
      expect(found).toHaveLength(5);
      for (const [index, at] of found.entries()) {
        expect(times.next(found[index - 1] ?? now, since)).toBe(at);
      }
    }),
  );
});

test("what a schedule is not understood has no fires, and what is off has no next one", () => {
  const options = { since: start, now: start, count: 5 };
  expect(nextFires(cron("0 2 * * L"), options)).toBeUndefined();
  expect(nextFires(cron("0 2 * * *", "Europe/Nowhere"), options)).toBeUndefined();
  expect(nextFires(cron("0 0 30 2 *"), options)).toEqual([]);
  const row = { schedule: every(10), updatedAt: start };
  expect(nextFireOf({ ...row, isActive: false }, start)).toBeUndefined();
  expect(nextFireOf({ ...row, isActive: true }, start)).toBe(start + 600_000);
});

test("times are those of the zone's clocks, also where they change", () => {
  const schedule = cron("0 3 * * *", "Europe/Berlin");
  const found = nextFires(schedule, { since: start, now: start, count: 2 }) ?? [];
  expect(found.map((at) => new Date(at).toISOString())).toEqual([
    "2026-03-29T01:00:00.000Z",
    "2026-03-30T01:00:00.000Z",
  ]);
  for (const at of found) expect(toZoneTime(at, "Europe/Berlin")).toContain("03:00:00");
  expect(toZoneTime(start, "Europe/Nowhere")).toBeUndefined();
});
