import { FlyteError } from "../shared/errors.ts";

/** Every limit of a webhook in numbers. */
export interface Limits {
  readonly bodyLimitBytes: number;
  readonly requestTimeoutMs: number;
  readonly closeGraceMs: number;
  readonly waitLimitMs: number;
  readonly callTimeoutMs: number;
  readonly callResponseLimitBytes: number;
}

const hour = 3_600_000;

/** Default and largest value of each. */
const rules: Readonly<Record<keyof Limits, readonly [byDefault: number, most: number]>> = {
  bodyLimitBytes: [1024 * 1024, Number.MAX_SAFE_INTEGER],
  requestTimeoutMs: [60_000, hour],
  closeGraceMs: [5_000, hour],
  waitLimitMs: [60_000, hour],
  callTimeoutMs: [30_000, hour],
  callResponseLimitBytes: [10 * 1024 * 1024, Number.MAX_SAFE_INTEGER],
};

/** @throws FlyteError `invalid_config` naming the option and its range */
export function resolveLimits(options: Partial<Limits>): Limits {
  const limit = (name: keyof Limits): number => {
    const [byDefault, most] = rules[name];
    const value = options[name] ?? byDefault;
    if (Number.isSafeInteger(value) && value >= 1 && value <= most) return value;
    throw new FlyteError(
      "invalid_config",
      `${name} must be a whole number from 1 to ${most}, not ${String(value)}.`,
    );
  };
  return {
    bodyLimitBytes: limit("bodyLimitBytes"),
    requestTimeoutMs: limit("requestTimeoutMs"),
    closeGraceMs: limit("closeGraceMs"),
    waitLimitMs: limit("waitLimitMs"),
    callTimeoutMs: limit("callTimeoutMs"),
    callResponseLimitBytes: limit("callResponseLimitBytes"),
  };
}
