import { FlyteError } from "../shared/errors.ts";

export interface CronOptions {
  /** A name such as `Europe/Berlin`. @default "UTC" */
  readonly timezone?: string;
}

/**
 * A schedule in five fields: minute, hour, day of month, month, day of week. On days when clocks
 * change, a time that is skipped does not fire, and one that comes twice fires once.
 *
 * @example new Cron("0 2 * * *", { timezone: "Europe/Berlin" })
 * @throws FlyteError `invalid_config` for another number of fields
 */
export class Cron {
  readonly expression: string;
  readonly timezone: string;

  constructor(expression: string, { timezone = "UTC" }: CronOptions = {}) {
    const isShort = typeof expression === "string" && /^@[a-z]+(\s+\S+)?$/.test(expression);
    if (!isShort && String(expression).trim().split(/\s+/).length !== 5) {
      throw invalidConfig(
        `Cron expression ${JSON.stringify(expression)} must have five fields: minute, hour, day of month, month, day of week.`,
      );
    }
    this.expression = expression;
    this.timezone = timezone;
  }
}

export interface FixedRateOptions {
  /** The first fire; others follow at whole intervals. @default one interval after the activation */
  readonly startTime?: Date;
}

/**
 * A fire every so many minutes.
 *
 * @example new FixedRate(15)
 * @throws FlyteError `invalid_config` for less than a minute, and for parts of one
 */
export class FixedRate {
  readonly intervalMinutes: number;
  readonly startTime: Date | undefined;

  constructor(intervalMinutes: number, { startTime }: FixedRateOptions = {}) {
    if (!Number.isSafeInteger(intervalMinutes) || intervalMinutes < 1) {
      throw invalidConfig(`A fixed rate must be a whole number of minutes from 1.`);
    }
    this.intervalMinutes = intervalMinutes;
    this.startTime = startTime;
  }
}

/** As the value of an input: the time at which the trigger was due, as a `Date`. */
export const triggerTime: unique symbol = Symbol.for("flyte-webhook.trigger-time") as never;

export interface TriggerOptions {
  /** Unique among the triggers of its task. */
  readonly name: string;
  readonly automation: Cron | FixedRate;
  /** At most 255 characters; the rest is cut off. @default "" */
  readonly description?: string;
  /** Whether it fires from its deployment on. @default true */
  readonly autoActivate?: boolean;
  /** Values of the task's inputs, or {@link triggerTime}; the task's defaults stand for others. */
  readonly inputs?: Readonly<Record<string, unknown>>;
  /** Environment variables of its runs. */
  readonly env?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Whether its runs may be moved off machines that go away. @default the task's own */
  readonly interruptible?: boolean;
  /** Whether its runs compute cached outputs anew. @default false */
  readonly overwriteCache?: boolean;
  /** @default the control plane's choice */
  readonly queue?: string;
}

/** What the triggers with a name of their own take. */
export interface NamedTriggerOptions
  extends Partial<Omit<TriggerOptions, "automation" | "inputs">> {
  readonly inputs?: TriggerOptions["inputs"];
  /** The input that gets the time of the fire. */
  readonly timeInput?: string;
}

/**
 * Starts runs of the task it is attached to, on a schedule. A task may have several.
 *
 * @example
 * ```ts
 * import { Cron, defineTask, t, Trigger, triggerTime } from "flyte-webhook/tasks";
 *
 * export const report = defineTask(
 *   {
 *     name: "reports.daily",
 *     inputs: { day: t.datetime() },
 *     triggers: [
 *       new Trigger({ name: "nightly", automation: new Cron("0 2 * * *"), inputs: { day: triggerTime } }),
 *     ],
 *   },
 *   async ({ day }) => ({}),
 * );
 * ```
 */
export class Trigger {
  readonly options: TriggerOptions;

  constructor(options: TriggerOptions) {
    this.options = Object.freeze({ ...options });
  }

  /** Every minute. */
  static minutely(options: NamedTriggerOptions = {}): Trigger {
    return named("minutely", "* * * * *", options);
  }

  /** Every hour, on the hour. */
  static hourly(options: NamedTriggerOptions = {}): Trigger {
    return named("hourly", "0 * * * *", options);
  }

  /** Every day at midnight, UTC. */
  static daily(options: NamedTriggerOptions = {}): Trigger {
    return named("daily", "0 0 * * *", options);
  }

  /** Every Sunday at midnight, UTC. */
  static weekly(options: NamedTriggerOptions = {}): Trigger {
    return named("weekly", "0 0 * * 0", options);
  }

  /** On the first of every month at midnight, UTC. */
  static monthly(options: NamedTriggerOptions = {}): Trigger {
    return named("monthly", "0 0 1 * *", options);
  }
}

function named(
  name: string,
  expression: string,
  { timeInput, inputs = {}, ...options }: NamedTriggerOptions,
): Trigger {
  const time = timeInput === undefined ? {} : { [timeInput]: triggerTime };
  return new Trigger({
    name,
    ...options,
    automation: new Cron(expression),
    inputs: { ...inputs, ...time },
  });
}

function invalidConfig(message: string): FlyteError {
  return new FlyteError("invalid_config", message);
}
