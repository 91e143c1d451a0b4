import type { Rate } from "./rate.ts";

/**
 * Times are whole numbers of 100 ns, which doubles hold exactly for centuries; so the same decision is made
 * here and by the script in Redis.
 */
export const ticksPerSecond = 10_000_000;

/** A rate in ticks. */
export interface Pace {
  /** Between two requests that come evenly. */
  readonly interval: number;
  /** How far ahead of an even pace requests may be: a full burst of them. */
  readonly tolerance: number;
}

/**
 * The generic cell rate algorithm: a token bucket whose state is one number, the time at which it is full
 * again. A bucket that is full is no state at all.
 */
export function toPace({ count, windowSeconds, burst }: Rate): Pace {
  const interval = Math.ceil((windowSeconds * ticksPerSecond) / count);
  return { interval, tolerance: burst * interval };
}

/**
 * How far a bucket is from full with one more request, in ticks.
 *
 * @param fullAt - when it is full again without that; undefined for one that is full. A time further off than
 * that of an empty bucket is from a clock that was set back, and does not count
 */
export function aheadAfterOne(fullAt: number | undefined, now: number, pace: Pace): number {
  const ahead = Math.max((fullAt ?? now) - now, 0);
  return (ahead > pace.tolerance ? 0 : ahead) + pace.interval;
}

/** How a limit stands for a request. */
export interface Standing {
  readonly isOver: boolean;
  /** Requests that may still come at once; where it was over, none. */
  readonly left: number;
  /** Ticks until the next request may come, where it was over; else for how long `left` lasts at an even pace. */
  readonly ticks: number;
}

/** @param ahead - how far the bucket is from full with this request, in ticks */
export function standingOf(ahead: number, { interval, tolerance }: Pace): Standing {
  if (ahead > tolerance) return { isOver: true, left: 0, ticks: ahead - tolerance };
  const left = Math.floor((tolerance - ahead) / interval);
  // With none left: until one has come back.
  return { isOver: false, left, ticks: left > 0 ? left * interval : ahead + interval - tolerance };
}
