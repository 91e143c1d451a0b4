import { create } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Schedule, ScheduleSchema } from "../../../../src/idl/triggers.ts";
import { nextFires } from "./next-fires.ts";
import { toCronWords, toScheduleWords, zoneOf } from "./schedule-words.ts";

const cron = (expression: string, timezone = ""): Schedule =>
  create(ScheduleSchema, { expression: { case: "cron", value: { expression, timezone } } });

test.each([
  ["* * * * *", "every minute"],
  ["*/15 * * * *", "every 15 minutes, from the full hour"],
  ["0 * * * *", "every hour"],
  ["1 * * * *", "every hour, 1 minute past"],
  ["30 * * * *", "every hour, 30 minutes past"],
  ["0 2 * * *", "every day at 02:00"],
  ["5 17 * * 1-5", "every Monday to Friday at 17:05"],
  ["0 9 * * 1", "every Monday at 09:00"],
  ["0 9 * * 3,0,3", "every Sunday and Wednesday at 09:00"],
  ["0 0 1 * *", "every month on day 1 at 00:00"],
  ["@daily", "every day at 00:00"],
])("%s is %s", (expression, words) => {
  expect(toCronWords(expression)).toBe(words);
});

test.each([
  "*/7 * * * *",
  "0 2 1 * 1",
  "0 2 1 6 *",
  "0 2 * * MON",
  "0 2 * * 5-1",
  "1-5 * * * *",
  "60 * * * *",
  "0 24 * * *",
  "0 2 32 * *",
  "0 2 * *",
  "0 2 * * * *",
  "",
])("there are no words for %j", (expression) => {
  expect(toCronWords(expression)).toBeUndefined();
});

test("an expression without words is shown itself, with its zone", () => {
  expect(toScheduleWords(cron("*/7 * * * *", "Europe/Berlin"))).toEqual({
    words: "*/7 * * * *",
    zone: "Europe/Berlin",
  });
  expect(toScheduleWords(cron("TZ=Asia/Tokyo 0 2 * * *", "Europe/Berlin"))).toEqual({
    words: "every day at 02:00",
    expression: "0 2 * * *",
    zone: "Asia/Tokyo",
  });
  expect(toScheduleWords(cron("@every 90s"))).toEqual({ words: "every 90s" });
  expect(zoneOf(cron("0 2 * * *"))).toBe("UTC");
  expect(zoneOf(cron("@every 90s"))).toBeUndefined();
});

test("days and times in words are those at which it fires", () => {
  const zones = fc.constantFrom("UTC", "Europe/Berlin", "Asia/Kolkata", "America/St_Johns");
  const weekdays = fc.oneof(
    fc.constant("*"),
    fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1 }).map((days) => days.join(",")),
  );
  const now = fc.integer({ min: 0, max: 4e12 });
  const minute = fc.integer({ min: 0, max: 59 });
  const hour = fc.integer({ min: 4, max: 22 });
  fc.assert(
    fc.property(zones, weekdays, now, minute, hour, (zone, weekday, at, m, h) => {
      const schedule = cron(`${m} ${h} * * ${weekday}`, zone);
      const { words } = toScheduleWords(schedule);
      const clock = `${String(h).padStart(2, "0")}:${String(m).padStart(2, "0")}`;
      expect(words).toContain(`at ${clock}`);
      for (const fire of nextFires(schedule, { since: at, now: at, count: 5 }) ?? []) {
        const shown = new Date(fire).toLocaleTimeString("en-GB", { timeZone: zone });
        expect(shown).toBe(`${clock}:00`);
        if (words.startsWith("every day")) continue;
        const day = new Date(fire).toLocaleDateString("en", { weekday: "long", timeZone: zone });
        expect(words).toContain(day);
      }
    }),
  );
});

test("times in words are never those of other expressions", () => {
  const field = (max: number) =>
    fc.oneof(
      fc.constant("*"),
      fc.integer({ min: 0, max }).map(String),
      fc.integer({ min: 1, max: 70 }).map((step) => `*/${step}`),
    );
  const expressions = fc.tuple(field(62), field(26), field(33), field(13), field(8));
  fc.assert(
    fc.property(expressions, (fields) => {
      const text = fields.join(" ");
      // What has words is a schedule.
      if (toCronWords(text) === undefined) return;
      expect(nextFires(cron(text), { since: 0, now: 0, count: 1 })).toHaveLength(1);
    }),
  );
});
