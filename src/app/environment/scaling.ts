import { parseDuration } from "../../shared/duration.ts";
import { assertOptions, invalidConfig, show } from "./invalid-config.ts";

/** Requests under way at once that one replica is meant to bear, from 1. */
export interface Concurrency {
  readonly concurrency: number;
}

/** Requests a second that one replica is meant to bear, from 1. */
export interface RequestRate {
  readonly requestRate: number;
}

export interface ScalingOptions {
  /** As many as that, always, or the fewest and the most. @default `[0, 1]` */
  readonly replicas?: number | readonly [min: number, max: number];
  /** What is counted to decide how many there are. @default the platform's choice */
  readonly metric?: Concurrency | RequestRate;
  /**
   * How long traffic has to be less before replicas end: seconds, or a text such as `"5m"`.
   *
   * @default the platform's choice
   */
  readonly scaledownAfter?: number | string;
}

const names = ["replicas", "metric", "scaledownAfter"] satisfies (keyof ScalingOptions)[];

/**
 * How many replicas of an app there are.
 *
 * @example new Scaling({ replicas: [0, 4], metric: { concurrency: 10 }, scaledownAfter: "5m" })
 * @throws FlyteError `invalid_config` naming the rule that is broken
 */
export class Scaling {
  readonly replicas: readonly [min: number, max: number];
  readonly metric: Concurrency | RequestRate | undefined;
  readonly scaledownAfterMs: number | undefined;

  constructor(options: ScalingOptions = {}) {
    assertOptions("Scaling", options, names);
    this.replicas = toRange(options.replicas);
    this.metric = checkMetric(options.metric);
    this.scaledownAfterMs = toDelay("scaledownAfter", options.scaledownAfter);
  }
}

function toRange(replicas: unknown = [0, 1]): readonly [number, number] {
  const range: readonly unknown[] = Array.isArray(replicas) ? replicas : [replicas, replicas];
  const [min, max] = range;
  if (range.length !== 2 || !isCount(min) || !isCount(max)) {
    throw invalidConfig(
      `replicas ${show(replicas)} must be a whole number from 0, or two of them: [min, max].`,
    );
  }
  if (Array.isArray(replicas) && (max < 1 || max < min)) {
    throw invalidConfig(`replicas ${show(replicas)} must have a max from 1 that is not below min.`);
  }
  return [min, max];
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function checkMetric(metric: unknown): Concurrency | RequestRate | undefined {
  if (metric === undefined) return undefined;
  assertOptions("The metric of Scaling", metric, ["concurrency", "requestRate"]);
  const entries = Object.entries(metric as object);
  const [target] = entries;
  if (entries.length !== 1 || target === undefined || !isCount(target[1]) || target[1] < 1) {
    throw invalidConfig(
      `The metric ${show(metric)} must be one of { concurrency: N } and { requestRate: N }, with a whole number from 1.`,
    );
  }
  return { [target[0]]: target[1] } as unknown as Concurrency | RequestRate; // One key of the two.
}

/** @throws FlyteError `invalid_config` for what is no duration, or a negative one */
export function toDelay(what: string, value: number | string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const delayMs = readDuration(value);
  if (delayMs === undefined || delayMs < 0) {
    throw invalidConfig(
      `${what} ${show(value)} must be a duration from 0: seconds (90), or a text with units ("5m").`,
    );
  }
  return delayMs;
}

function readDuration(value: unknown): number | undefined {
  if (typeof value !== "number" && typeof value !== "string") return undefined;
  try {
    return parseDuration(value);
  } catch {
    return undefined;
  }
}
