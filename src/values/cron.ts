import { Cron } from "croner";
import { FlyteError } from "../shared/errors.ts";
import { isTimezone, offsetAt } from "./timezone.ts";

/** A schedule of five fields, on the clocks of a time zone. */
export interface CronSchedule {
  /** The first fire after an instant, in milliseconds since 1970; undefined when there is none. */
  next(after: number): number | undefined;
}

const descriptors: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

const fieldNames = ["minute", "hour", "day of month", "month", "day of week"] as const;
/** Longer than any change of a zone's clocks, and than its offset from UTC. */
const dayMs = 86_400_000;

/**
 * Reads a cron expression: minute, hour, day of month, month and day of week (0 to 6 or names), or
 * `@hourly` and its siblings. As in cron, days match when either day field does, unless one is `*`.
 *
 * Where clocks jump forward, times that are skipped do not fire that day. Where they are put back,
 * a time that comes twice fires the first time, unless the hour is `*` or a step of it: then every
 * hour that passes fires.
 *
 * @throws FlyteError `invalid_input` naming the field or zone that is wrong
 */
export function readCron(expression: string, timezone: string): CronSchedule {
  const zone = timezone === "" ? "UTC" : timezone;
  if (!isTimezone(zone)) {
    throw invalid(
      `timezone ${JSON.stringify(zone)} is not known. Give a name like "Europe/Berlin".`,
    );
  }
  const fields = readFields(expression);
  const wallClock = parse(expression, fields);
  const firesTwice = fields[1]?.startsWith("*") === true;
  return {
    next(after) {
      // Wall times are kept as if they were UTC. The earliest that may lie after the instant:
      const offsets = [after - dayMs, after, after + dayMs].map((at) => offsetAt(zone, at));
      let wall: number | undefined = after + Math.min(...offsets) - 1;
      let best: number | undefined;
      for (;;) {
        wall = wallClock.nextRun(new Date(wall))?.getTime();
        if (wall === undefined) return best;
        if (best !== undefined && wall - Math.max(...offsetsAround(zone, wall)) > best) return best;
        const instants = toInstants(zone, wall).slice(0, firesTwice ? 2 : 1);
        const next = instants.find((instant) => instant > after);
        if (next !== undefined && (best === undefined || next < best)) best = next;
      }
    },
  };
}

function readFields(expression: string): readonly string[] {
  const text = expression.trim();
  const fields = (descriptors[text.toLowerCase()] ?? text).split(/\s+/);
  if (fields.length !== 5) {
    throw invalid(
      `cron expression ${JSON.stringify(expression)} must have five fields: ${fieldNames.join(", ")}.`,
    );
  }
  for (const [index, field] of fields.entries()) {
    // What the library knows beyond cron, such as L, W and #, is unknown to a cluster.
    const numbers = /^[0-9*/,?-]+$/.test(field);
    const names = index >= 3 && /^(?:[0-9*/,?-]|[A-Za-z]{3})+$/.test(field);
    const isSunday7 = index === 4 && /(?<!\d)7/.test(field.replace(/\/\d+/g, ""));
    if ((!numbers && !names) || isSunday7) throw badField(expression, index, field);
  }
  return fields;
}

function parse(expression: string, fields: readonly string[]): Cron {
  try {
    return toWallClock(fields);
  } catch (error) {
    for (const [index, field] of fields.entries()) {
      try {
        toWallClock(fields.map((_, at) => (at === index ? field : "*")));
      } catch {
        throw badField(expression, index, field);
      }
    }
    throw error;
  }
}

function toWallClock(fields: readonly string[]): Cron {
  return new Cron(fields.join(" "), { paused: true, timezone: "UTC" });
}

function offsetsAround(zone: string, wall: number): readonly number[] {
  return [offsetAt(zone, wall - dayMs), offsetAt(zone, wall + dayMs)];
}

/** The instants at which clocks show a wall time, earliest first: none, one, or two. */
function toInstants(zone: string, wall: number): readonly number[] {
  const instants = offsetsAround(zone, wall).map((offset) => wall - offset);
  return [...new Set(instants)]
    .filter((instant) => instant + offsetAt(zone, instant) === wall)
    .sort((a, b) => a - b);
}

function badField(expression: string, index: number, field: string): FlyteError {
  return invalid(
    `${fieldNames[index]} ${JSON.stringify(field)} of cron expression ${JSON.stringify(expression)} is not valid.`,
  );
}

function invalid(message: string): FlyteError {
  return new FlyteError("invalid_input", message);
}
