import { FlyteError } from "../shared/errors.ts";

/** Every limit of a webhook in numbers. */
export interface Limits {
  readonly bodyLimitBytes: number;
  readonly requestTimeoutMs: number;
  readonly maxConcurrentRequests: number;
  readonly maxQueuedRequests: number;
  readonly queueTimeoutMs: number;
  readonly closeGraceMs: number;
  readonly waitLimitMs: number;
  readonly callTimeoutMs: number;
  readonly callResponseLimitBytes: number;
  readonly maxWaiters: number;
}

const hour = 3_600_000;
const many = 1_000_000;

/** Default, largest and smallest value of each. */
const rules: Readonly<
  Record<keyof Limits, readonly [byDefault: number, most: number, least?: number]>
> = {
  bodyLimitBytes: [1024 * 1024, Number.MAX_SAFE_INTEGER],
  requestTimeoutMs: [60_000, hour],
  maxConcurrentRequests: [256, many],
  maxQueuedRequests: [1024, many, 0],
  queueTimeoutMs: [5_000, hour],
  closeGraceMs: [5_000, hour],
  waitLimitMs: [60_000, hour],
  callTimeoutMs: [30_000, hour],
  callResponseLimitBytes: [10 * 1024 * 1024, Number.MAX_SAFE_INTEGER],
};

/** @throws FlyteError `invalid_config` naming the option and its range */
  maxWaiters: [10_000, many],
export function resolveLimits(options: Partial<Limits>): Limits {
  const limit = (name: keyof Limits): number => {
    const [byDefault, most, least = 1] = rules[name];
    const value = options[name] ?? byDefault;
    if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
    throw new FlyteError(
      "invalid_config",
      `${name} must be a whole number from ${least} to ${most}, not ${String(value)}.`,
    );
  };
  return {
    bodyLimitBytes: limit("bodyLimitBytes"),
    requestTimeoutMs: limit("requestTimeoutMs"),
    maxConcurrentRequests: limit("maxConcurrentRequests"),
    maxQueuedRequests: limit("maxQueuedRequests"),
    queueTimeoutMs: limit("queueTimeoutMs"),
    closeGraceMs: limit("closeGraceMs"),
    waitLimitMs: limit("waitLimitMs"),
    callTimeoutMs: limit("callTimeoutMs"),
    callResponseLimitBytes: limit("callResponseLimitBytes"),
  };
}
    maxWaiters: limit("maxWaiters"),
