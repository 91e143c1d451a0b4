import { timestampDate } from "@bufbuild/protobuf/wkt";
import { FixedRateUnit, type Schedule } from "../idl/triggers.ts";
import { parseDuration } from "../shared/duration.ts";
import { FlyteError } from "../shared/errors.ts";
import { readCron } from "./cron.ts";

/** When a trigger fires. */
export interface FireTimes {
  /**
   * The first fire after an instant, in milliseconds since 1970; undefined when there is none.
   *
   * @param since when the trigger was switched on: intervals without a start count from there
   */
  next(after: number, since: number): number | undefined;
}

const unitMs: Partial<Record<FixedRateUnit, number>> = {
  [FixedRateUnit.MINUTE]: 60_000,
  [FixedRateUnit.HOUR]: 3_600_000,
  [FixedRateUnit.DAY]: 86_400_000,
};

/**
 * Reads the schedule of a trigger: an interval, or a cron expression, with `@every 90s` as an
 * interval of any length.
 *
 * @throws FlyteError `invalid_input` naming what is wrong
 */
export function readSchedule({ expression }: Schedule): FireTimes {
  switch (expression.case) {
    case "rate": {
      const { value, unit, startTime } = expression.value;
      const ms = unitMs[unit];
      if (ms === undefined || value < 1) {
        throw invalid("a fixed rate must be at least 1, in minutes, hours or days.");
      }
      return interval(value * ms, startTime && timestampDate(startTime).getTime());
    }
    case "cron":
      return readExpression(expression.value.expression, expression.value.timezone);
    case "cronExpression":
      return readExpression(expression.value, "UTC");
    default:
      throw invalid("a schedule must have a rate or a cron expression.");
  }
}

/** Fires one interval after the start of counting, or at `start` and whole intervals after it. */
function interval(everyMs: number, start: number | undefined): FireTimes {
  return {
    next(after, since) {
      const first = start ?? since + everyMs;
      if (after < first) return first;
      return first + (Math.floor((after - first) / everyMs) + 1) * everyMs;
    },
  };
}

function readExpression(given: string, timezone: string): FireTimes {
  const [, zone, expression = ""] = /^(?:(?:CRON_)?TZ=(\S+)\s+)?(.*)$/s.exec(given.trim()) ?? [];
  const every = /^@every\s+(.+)$/s.exec(expression)?.[1];
  if (every === undefined) return readCron(expression, zone ?? timezone);
  const ms = Math.round(parseDuration(every));
  if (ms < 1000) {
    throw invalid(`${JSON.stringify(given)} must be an interval of at least one second.`);
  }
  return interval(ms, undefined);
}

function invalid(message: string): FlyteError {
  return new FlyteError("invalid_input", message);
}
