import { FlyteError } from "../../shared/errors.ts";

/**
 * How many requests in which time: `COUNT/UNIT` with the units `s`, `min`, `hour` and `day` or a duration such as
 * `10s`, `5m`, `2h`. `,burst=COUNT` after it says how many may come at once, when nothing came before.
 *
 * @example "100/min", "20/10s", "600/hour,burst=50"
 */
export type RateText = string;

/** A rate, read. */
export interface Rate {
  readonly count: number;
  readonly windowSeconds: number;
  /** How many may come at once. */
  readonly burst: number;
}

/** More than one process can answer; it also keeps the arithmetic of a limit exact. */
const mostPerSecond = 100_000;
const mostCount = 1_000_000_000;
const mostSeconds = 7 * 86_400;

const secondsPerUnit: Readonly<Record<string, number>> = {
  s: 1,
  m: 60,
  h: 3600,
  min: 60,
  hour: 3600,
  day: 86_400,
};

/** Without a number in front, `m` could be a month. */
const form = /^(\d{1,10})\/(?:(s|min|hour|day)|(\d{1,7})(s|m|min|h))(?:,burst=(\d{1,10}))?$/;

/**
 * Reads a rate.
 *
 * @param place - the option, for the error
 * @throws FlyteError `invalid_config` naming the value, the rule and the remedy
 */
export function parseRate(text: RateText, place: string): Rate {
  const refuse = (why: string): FlyteError =>
    new FlyteError("invalid_config", `${JSON.stringify(text)} in ${place} ${why}`);
  const match = typeof text === "string" ? form.exec(text) : null;
  if (match === null) {
    throw refuse(
      "is not a rate. Write a whole number and a time, such as 100/min, 20/10s or 600/hour,burst=50; times are s, min, hour, day, or a number with s, m or h.",
    );
  }
  const [, counted, alone, amount = "1", unit = alone, atOnce = counted] = match;
  const count = Number(counted);
  const burst = Number(atOnce);
  const windowSeconds = Number(amount) * (secondsPerUnit[unit ?? ""] ?? 0);
  if (count < 1 || burst < 1) {
    throw refuse("lets nobody in. Count from 1; to serve less, name endpoints.");
  }
  if (windowSeconds < 1 || windowSeconds > mostSeconds) {
    throw refuse("has a time that is not from 1 second to 7 days. Choose another.");
  }
  if (count / windowSeconds > mostPerSecond || Math.max(count, burst) > mostCount) {
    throw refuse(
      `is more than ${mostPerSecond} a second or ${mostCount} at once. Leave the limit out.`,
    );
  }
  if (burst * windowSeconds > count * mostSeconds) {
    throw refuse("has a burst that takes more than 7 days to come back. Make it smaller.");
  }
  return { count, windowSeconds, burst };
}
