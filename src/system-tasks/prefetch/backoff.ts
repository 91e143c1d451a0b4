import { setTimeout as delay } from "node:timers/promises";

/** A wait that ends early, by rejecting, when the signal fires. */
export type Pause = (ms: number, signal: AbortSignal) => Promise<void>;

/** {@link Pause} by the clock. */
export const pause: Pause = async (ms, signal) => {
  await delay(ms, undefined, { signal });
};

/** Longer than this nobody waits for a hub that asks for patience. */
export const longestWaitMs = 300_000;

/** A fifth of a second doubled with each failure in a row, up to twenty seconds, times 0.5 to 1.5. */
export function toBackoffMs(failures: number, random: number): number {
  return Math.min(20_000, 200 * 2 ** Math.min(failures, 20)) * (0.5 + random);
}

/** What a `Retry-After` asks for, as seconds or as a date; undefined for anything else. */
export function readRetryAfterMs(header: string | null, now: number): number | undefined {
  const text = header?.trim() ?? "";
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  if (!/^[A-Z][a-z]{2}, /.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
