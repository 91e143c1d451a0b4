import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { FixedRateUnit, type Schedule, ScheduleSchema } from "../idl/triggers.ts";
import { describeSchedule } from "./describe-schedule.ts";

const rate = (value: number, unit: FixedRateUnit, start?: string): Schedule =>
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

test.each<[string, Schedule]>([
  ["every minute", rate(1, FixedRateUnit.MINUTE)],
  ["every 15 minutes", rate(15, FixedRateUnit.MINUTE)],
  ["every 2 hours", rate(2, FixedRateUnit.HOUR)],
  ["every day from 2026-05-01T06:00:00Z", rate(1, FixedRateUnit.DAY, "2026-05-01T06:00:00Z")],
  ["every 3 unknown units", rate(3, FixedRateUnit.UNSPECIFIED)],
  ["0 2 * * * (Europe/Berlin)", cron("0 2 * * *", "Europe/Berlin")],
  ["@daily (UTC)", cron(" @daily ")],
  ["every 90s", cron("@every 90s", "Europe/Berlin")],
  ["CRON_TZ=Asia/Tokyo 0 9 * * *", cron("CRON_TZ=Asia/Tokyo 0 9 * * *")],
  [
    "0 9 * * 1 (UTC)",
    create(ScheduleSchema, { expression: { case: "cronExpression", value: "0 9 * * 1" } }),
  ],
  ["none", create(ScheduleSchema)],
])("reads %s", (text, schedule) => {
  expect(describeSchedule(schedule)).toBe(text);
});
