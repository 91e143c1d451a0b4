import { FlyteError } from "../shared/errors.ts";

/** Every limit of a webhook in numbers. */
export interface Limits {
  readonly bodyLimitBytes: number;
  readonly requestTimeoutMs: number;
  readonly maxConcurrentRequests: number;
  readonly maxQueuedRequests: number;
  readonly queueTimeoutMs: number;
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  readonly keepAliveTimeoutMs: number;
  readonly writeTimeoutMs: number;
  readonly closeGraceMs: number;
  readonly drainDelayMs: number;
  readonly drainTimeoutMs: number;
  readonly waitLimitMs: number;
  readonly maxWaiters: number;
  readonly callTimeoutMs: number;
  readonly callResponseLimitBytes: number;
  readonly maxStreams: number;
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
  maxConnections: [10_000, many],
  maxConnectionsPerAddress: [many, many],
  keepAliveTimeoutMs: [72_000, hour],
  writeTimeoutMs: [60_000, hour],
  closeGraceMs: [5_000, hour],
  drainDelayMs: [0, hour, 0],
  drainTimeoutMs: [25_000, hour],
  waitLimitMs: [60_000, hour],
  maxWaiters: [10_000, many],
  callTimeoutMs: [30_000, hour],
  callResponseLimitBytes: [10 * 1024 * 1024, Number.MAX_SAFE_INTEGER],
  maxStreams: [1_000, 1_000_000],
};

/** @throws FlyteError `invalid_config` naming the option and its range */
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
    maxConnections: limit("maxConnections"),
    maxConnectionsPerAddress: limit("maxConnectionsPerAddress"),
    keepAliveTimeoutMs: limit("keepAliveTimeoutMs"),
    writeTimeoutMs: limit("writeTimeoutMs"),
    closeGraceMs: limit("closeGraceMs"),
    ...drainTimes(limit("drainDelayMs"), limit("drainTimeoutMs")),
    waitLimitMs: limit("waitLimitMs"),
    maxWaiters: limit("maxWaiters"),
    callTimeoutMs: limit("callTimeoutMs"),
    callResponseLimitBytes: limit("callResponseLimitBytes"),
    maxStreams: limit("maxStreams"),
  };
}

/** @throws FlyteError `invalid_config` when no time to answer is left after the delay */
function drainTimes(
  drainDelayMs: number,
  drainTimeoutMs: number,
): Pick<Limits, "drainDelayMs" | "drainTimeoutMs"> {
  if (drainDelayMs < drainTimeoutMs) return { drainDelayMs, drainTimeoutMs };
  throw new FlyteError(
    "invalid_config",
    `drainDelayMs (${drainDelayMs}) must be below drainTimeoutMs (${drainTimeoutMs}), which it is a part of.`,
  );
}
