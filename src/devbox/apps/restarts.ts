/** What is remembered of starts that ended early, to wait longer before each further one. */
export interface Restarts {
  /** Early ends in a row. */
  readonly failures: number;
  /** No replica is to be started before this time. */
  readonly notBefore: number;
}

/** How a replica ended that nobody had told to. */
export interface UnaskedEnd {
  /** For how long it had been ready; undefined when it never was. */
  readonly readyMs: number | undefined;
  readonly now: number;
}

export const noFailures: Restarts = { failures: 0, notBefore: Number.NEGATIVE_INFINITY };

/** So many starts in a row that end early are a crash loop. */
export const CRASH_LOOP_FAILURES = 3;

const HEALTHY_MS = 10_000;
const FIRST_DELAY_MS = 1000;
const MAX_DELAY_MS = 30_000;

/**
 * What is remembered after an end: nothing when the replica was ready for ten seconds, which lets
 * the next one start at once. Else the delay doubles from one second to thirty; a replica that had
 * been ready has one start without delay.
 */
export function afterEnd({ failures }: Restarts, { readyMs, now }: UnaskedEnd): Restarts {
  if (readyMs !== undefined && readyMs >= HEALTHY_MS) return noFailures;
  const doublings = readyMs === undefined ? failures : failures - 1;
  const delay = doublings < 0 ? 0 : Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** doublings);
  return { failures: failures + 1, notBefore: now + delay };
}
