import type { Schedule } from "../../../../src/idl/triggers.ts";
import { describeSchedule } from "../../../../src/values/describe-schedule.ts";

/** A schedule for people, and how it is written where that says more. */
export interface ScheduleWords {
  /** `every day at 02:00`; the expression itself where there are no short words for it. */
  readonly words: string;
  /** The cron expression, where the words are other ones. */
  readonly expression?: string;
  /** The zone whose clocks it follows; intervals have none. */
  readonly zone?: string;
}

const days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

const descriptors: Readonly<Record<string, string>> = {
  "@yearly": "every year on 1 January at 00:00",
  "@annually": "every year on 1 January at 00:00",
  "@monthly": "every month on day 1 at 00:00",
  "@weekly": "every Sunday at 00:00",
  "@daily": "every day at 00:00",
  "@midnight": "every day at 00:00",
  "@hourly": "every hour",
};

export function toScheduleWords(schedule: Schedule): ScheduleWords {
  const cron = readCronText(schedule);
  if (cron === undefined) return { words: describeSchedule(schedule) };
  const { text, zone } = cron;
  const words = toCronWords(text);
  return words === undefined ? { words: text, zone } : { words, expression: text, zone };
}

/** The zone that a schedule follows; undefined for intervals. */
export function zoneOf(schedule: Schedule): string | undefined {
  return readCronText(schedule)?.zone;
}

function readCronText({ expression }: Schedule): { text: string; zone: string } | undefined {
  const given =
    expression.case === "cron"
      ? expression.value
      : expression.case === "cronExpression"
        ? { expression: expression.value, timezone: "" }
        : undefined;
  if (given === undefined) return undefined;
  const [, own, text = ""] =
    /^(?:(?:CRON_)?TZ=(\S+)\s+)?(.*)$/s.exec(given.expression.trim()) ?? [];
  if (/^@every\s/.test(text)) return undefined;
  return { text, zone: own ?? (given.timezone || "UTC") };
}

/** Words for the expressions that most people write; undefined for all others. */
export function toCronWords(text: string): string | undefined {
  const known = descriptors[text.toLowerCase()];
  if (known !== undefined) return known;
  const [minute = "", hour = "", day = "", month = "", weekday = "", ...more] = text.split(/\s+/);
  if (more.length > 0 || month !== "*") return undefined;
  const isDaily = day === "*" && weekday === "*";
  if (hour === "*") return isDaily ? withinHours(minute) : undefined;
  const at = toClock(hour, minute);
  if (at === undefined) return undefined;
  if (isDaily) return `every day at ${at}`;
  if (day === "*") {
    const names = toDayNames(weekday);
    return names && `every ${names} at ${at}`;
  }
  const isDay = /^\d{1,2}$/.test(day) && Number(day) >= 1 && Number(day) <= 31;
  return isDay && weekday === "*" ? `every month on day ${Number(day)} at ${at}` : undefined;
}

function withinHours(minute: string): string | undefined {
  if (minute === "*") return "every minute";
  if (/^\d{1,2}$/.test(minute) && Number(minute) < 60) {
    const past = Number(minute);
    if (past === 0) return "every hour";
    return `every hour, ${past === 1 ? "1 minute" : `${past} minutes`} past`;
  }
  const step = Number(/^\*\/(\d{1,2})$/.exec(minute)?.[1] ?? 0);
  // Other steps begin anew with each hour, so that one interval is shorter.
  if (step < 2 || step >= 60 || 60 % step !== 0) return undefined;
  return `every ${step} minutes, from the full hour`;
}

function toClock(hour: string, minute: string): string | undefined {
  if (!/^\d{1,2}$/.test(hour) || !/^\d{1,2}$/.test(minute)) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59) return undefined;
  return `${hour.padStart(2, "0")}:${minute.padStart(2, "0")}`;
}

function toDayNames(weekday: string): string | undefined {
  const [, from, to] = /^([0-6])-([0-6])$/.exec(weekday) ?? [];
  if (from !== undefined && to !== undefined) {
    return Number(from) < Number(to) ? `${days[Number(from)]} to ${days[Number(to)]}` : undefined;
  }
  if (!/^[0-6](?:,[0-6])*$/.test(weekday)) return undefined;
  const numbers = weekday.split(",").map(Number);
  const names = [...new Set(numbers)].sort((a, b) => a - b).map((number) => days[number] ?? "");
  const last = names.pop() ?? "";
  return names.length === 0 ? last : `${names.join(", ")} and ${last}`;
}
