const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** Pauses after the attempts of a callback, which is given up after eleven: within a day, as Standard Webhooks has it. */
export const callbackDelaysMs: readonly number[] = [
  ...[5 * second, 30 * second, 2 * minute, 10 * minute, 30 * minute],
  ...[1 * hour, 2 * hour, 4 * hour, 6 * hour, 8 * hour],
];

/** The same for Slack, whose addresses are good for half an hour. */
export const slackDelaysMs: readonly number[] = [1, 5, 30, 120, 300].map((each) => each * second);

/** A receiver may ask for a longer pause than the next one, but not for a longer one than this. */
const longestAskedMs = hour;

/**
 * How long to wait after an attempt; undefined where it was the last.
 *
 * @param attempts - how many there were, at least one
 * @param askedMs - what the receiver asks for
 * @param random - from 0 to 1: takes a fifth off or puts one on, so that what failed together does not come back together
 */
export function retryDelay(
  delaysMs: readonly number[],
  { attempts, askedMs = 0 }: { readonly attempts: number; readonly askedMs?: number | undefined },
  random: number,
): number | undefined {
  const planned = delaysMs[attempts - 1];
  if (planned === undefined) return undefined;
  return Math.max(planned * (0.8 + 0.4 * random), Math.min(askedMs, longestAskedMs));
}

/** What `Retry-After` says (RFC 9110, 10.2.3), in milliseconds from now; undefined where it says nothing. */
export function readRetryAfter(value: unknown, now: number): number | undefined {
  if (typeof value !== "string") return undefined;
  if (/^\d{1,10}$/.test(value)) return Number(value) * second;
  const time = Date.parse(value);
  return Number.isNaN(time) ? undefined : Math.max(0, time - now);
}
