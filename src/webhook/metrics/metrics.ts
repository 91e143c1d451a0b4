/** Names of labels with their values. Few values each: no names of tasks, callers, runs or paths. */
export type Labels = Readonly<Record<string, string>>;

/** One value of a gauge with labels. */
export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

/** Something that only grows. */
export interface Counter {
  /** @param by @default 1 */
  add(labels?: Labels, by?: number): void;
}

/** How often something took how long. */
export interface Histogram {
  observe(seconds: number, labels?: Labels): void;
}

/**
 * Where the parts of a webhook say what of them is to be seen at `/metrics`. Names begin with
 * `flyte_webhook_`, end with their unit, and counters with `_total` (https://prometheus.io/docs/practices/naming/).
 * Declaring a name again gives what is there.
 */
export interface Metrics {
  /** A value that is read when somebody looks; several where there are labels. */
  gauge(
    name: string,
    help: string,
    read: () => number | readonly Sample[],
    labels?: readonly string[],
  ): void;
  counter(name: string, help: string, labels?: readonly string[]): Counter;
  /** A counter that is kept elsewhere and read when somebody looks; it never gets less. */
  total(
    name: string,
    help: string,
    read: () => number | readonly Sample[],
    labels?: readonly string[],
  ): void;
  /** @param buckets upper bounds in seconds @default from 5 ms to a minute */
  histogram(
    name: string,
    help: string,
    labels?: readonly string[],
    buckets?: readonly number[],
  ): Histogram;
}

/** Where nobody can look, nothing is counted. */
export const noMetrics: Metrics = {
  gauge: () => undefined,
  total: () => undefined,
  counter: () => ({ add: () => undefined }),
  histogram: () => ({ observe: () => undefined }),
};
