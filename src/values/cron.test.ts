import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readCron } from "./cron.ts";

/** The first fires after an instant. */
function fires(expression: string, zone: string, after: string, count: number): readonly string[] {
  const cron = readCron(expression, zone);
  const found: string[] = [];
  let at = Date.parse(after);
  while (found.length < count) {
    const next = cron.next(at);
    if (next === undefined) return found;
    found.push(new Date(next).toISOString().replace(":00.000Z", "Z"));
    at = next;
  }
  return found;
}

describe("times", () => {
  test.each<[string, string, readonly string[]]>([
    ["*/20 9-10 * * MON-FRI", "2026-01-02T10:20:00Z", ["2026-01-02T10:40Z", "2026-01-05T09:00Z"]],
    ["0 0 13 * 5", "2026-01-09T00:00:00Z", ["2026-01-13T00:00Z", "2026-01-16T00:00Z"]],
    ["5 4 29 2 *", "2026-01-01T00:00:00Z", ["2028-02-29T04:05Z", "2032-02-29T04:05Z"]],
    ["@daily", "2026-12-31T00:00:00Z", ["2027-01-01T00:00Z", "2027-01-02T00:00Z"]],
    ["@WEEKLY", "2026-01-01T00:00:00Z", ["2026-01-04T00:00Z", "2026-01-11T00:00Z"]],
    ["0 0 31 2 *", "2026-01-01T00:00:00Z", []],
  ])("%s after %s", (expression, after, expected) => {
    expect(fires(expression, "UTC", after, 2)).toEqual(expected);
  });

  test("a fire lies strictly after the instant", () => {
    const cron = readCron("0 * * * *", "");
    const hour = Date.parse("2026-05-01T10:00:00Z");
    expect(cron.next(hour)).toBe(hour + 3_600_000);
    expect(cron.next(hour - 1)).toBe(hour);
  });
});

describe("where clocks change", () => {
  const zone = "Europe/Berlin";

  test("a time that is skipped waits a day", () => {
    expect(fires("30 2 * * *", zone, "2026-03-28T12:00:00Z", 2)).toEqual([
      "2026-03-30T00:30Z",
      "2026-03-31T00:30Z",
    ]);
  });

  test("a time that comes twice fires once", () => {
    expect(fires("30 2 * * *", zone, "2026-10-24T12:00:00Z", 2)).toEqual([
      "2026-10-25T00:30Z",
      "2026-10-26T01:30Z",
    ]);
  });

  test("every hour that passes fires, also the one that comes twice", () => {
    expect(fires("0 * * * *", zone, "2026-10-24T23:00:00Z", 4)).toEqual([
      "2026-10-25T00:00Z",
      "2026-10-25T01:00Z",
      "2026-10-25T02:00Z",
      "2026-10-25T03:00Z",
    ]);
    expect(fires("0 * * * *", zone, "2026-03-29T00:00:00Z", 2)).toEqual([
      "2026-03-29T01:00Z",
      "2026-03-29T02:00Z",
    ]);
  });
});

describe("refused", () => {
  test.each([
    ["* * * *", "five fields"],
    ["* * * * * *", "five fields"],
    ["60 * * * *", 'minute "60"'],
    ["* 24 * * *", 'hour "24"'],
    ["* * 0 * *", 'day of month "0"'],
    ["* * L * *", 'day of month "L"'],
    ["* * 15W * *", 'day of month "15W"'],
    ["* * * 13 *", 'month "13"'],
    ["* * * FOO *", 'month "FOO"'],
    ["* * * * 7", 'day of week "7"'],
    ["* * * * 5#2", 'day of week "5#2"'],
    ["JAN * * * *", 'minute "JAN"'],
    ["*/0 * * * *", 'minute "*/0"'],
    ["@reboot", "five fields"],
    ["", "five fields"],
  ])("%s", (expression, reason) => {
    expect(() => readCron(expression, "UTC")).toThrow(reason);
  });

  test("a zone that is not known", () => {
    expect(() => readCron("* * * * *", "Mars/Base")).toThrow('timezone "Mars/Base" is not known');
  });
});

const zones = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"];

/** What clocks show, from the system's own tables. */
function wallClock(zone: string, instant: number) {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    hourCycle: "h23",
    weekday: "short",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
  });
  const parts = Object.fromEntries(
    format.formatToParts(instant).map(({ type, value }) => [type, value]),
  );
  const days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
  return {
    hour: Number(parts["hour"]),
    minute: Number(parts["minute"]),
    day: days.indexOf(parts["weekday"] ?? ""),
  };
}

test("each fire shows its time, and no minute between two that shows it is left out", () => {
  const around = fc.constantFrom(
    "2026-03-08T03:00Z",
    "2026-03-28T22:00Z",
    "2026-04-04T12:00Z",
    "2026-10-24T22:00Z",
    "2026-11-01T03:00Z",
    "2026-06-15T00:00Z",
  );
  const minutes = fc.uniqueArray(fc.integer({ min: 0, max: 59 }), { minLength: 1, maxLength: 4 });
  const hours = fc.option(
    fc.uniqueArray(fc.integer({ min: 0, max: 23 }), { minLength: 1, maxLength: 6 }),
    { nil: undefined },
  );
  fc.assert(
    fc.property(fc.constantFrom(...zones), around, minutes, hours, (zone, start, minute, hour) => {
      const cron = readCron(`${minute} ${hour ?? "*"} * * *`, zone);
      const from = Date.parse(start);
      const expected: number[] = [];
      const shown = new Set<string>();
      for (let at = from - 7_200_000; at <= from + 30 * 3_600_000; at += 60_000) {
        const wall = wallClock(zone, at);
        if (!minute.includes(wall.minute) || hour?.includes(wall.hour) === false) continue;
        // A time that comes twice counts once where hours are named.
        const key = `${wall.day} ${wall.hour}:${wall.minute}`;
        if (hour !== undefined && shown.has(key)) continue;
        shown.add(key);
        if (at > from) expected.push(at);
      }
      const found: number[] = [];
      for (
        let at = cron.next(from);
        at !== undefined && at <= from + 30 * 3_600_000;
        at = cron.next(at)
      )
        found.push(at);
      expect(found).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});
