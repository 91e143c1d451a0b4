import type { Schedule } from "../../../../src/idl/triggers.ts";
import { FlyteError } from "../../../../src/shared/errors.ts";
import { readSchedule } from "../../../../src/values/schedule.ts";

export interface NextFiresOptions {
  /** When the trigger was switched on: intervals without a start count from there. */
  readonly since: number;
  /** In milliseconds since 1970. */
  readonly now: number;
  readonly count: number;
}

/**
 * When a schedule fires next, in milliseconds, earliest first; fewer where it ends. Undefined for a schedule that this
 * version does not understand.
 */
export function nextFires(
  schedule: Schedule,
  { since, now, count }: NextFiresOptions,
): readonly number[] | undefined {
  try {
    const times = readSchedule(schedule);
    const found: number[] = [];
    for (let after = now; found.length < count; ) {
      const next = times.next(after, since);
      if (next === undefined) break;
      found.push(next);
      after = next;
    }
    return found;
  } catch (error) {
    if (FlyteError.is(error)) return undefined;
    throw error;
  }
}
