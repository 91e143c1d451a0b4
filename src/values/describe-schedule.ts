import { timestampDate } from "@bufbuild/protobuf/wkt";
import { FixedRateUnit, type Schedule } from "../idl/triggers.ts";

const units: Partial<Record<FixedRateUnit, string>> = {
  [FixedRateUnit.MINUTE]: "minute",
  [FixedRateUnit.HOUR]: "hour",
  [FixedRateUnit.DAY]: "day",
};

/**
 * A schedule as people read it: `0 2 * * * (Europe/Berlin)`, `every 15 minutes`,
 * `every 2 hours from 2026-05-01T00:00:00Z`, `every 90s`. What it says need not be valid.
 */
export function describeSchedule({ expression }: Schedule): string {
  switch (expression.case) {
    case "rate": {
      const { value, unit, startTime } = expression.value;
      const name = units[unit] ?? "unknown unit";
      const every = value === 1 ? `every ${name}` : `every ${value} ${name}s`;
      if (startTime === undefined) return every;
      return `${every} from ${timestampDate(startTime).toISOString().replace(".000Z", "Z")}`;
    }
    case "cron":
      return describeCron(expression.value.expression, expression.value.timezone);
    case "cronExpression":
      return describeCron(expression.value, "");
    default:
      return "none";
  }
}

function describeCron(expression: string, timezone: string): string {
  const text = expression.trim();
  const every = /^@every\s+(.+)$/s.exec(text)?.[1];
  if (every !== undefined) return `every ${every}`;
  // It names its zone itself.
  return /^(?:CRON_)?TZ=/.test(text) ? text : `${text} (${timezone || "UTC"})`;
}
