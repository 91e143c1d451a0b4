import { FlyteError } from "../shared/errors.ts";
import type { GivenOf, TaskFields } from "./task-type.ts";

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

/** What a trigger may give to inputs of a task: all that have no default, and the time to one. */
export type TriggerInputs<Fields extends TaskFields> = {
  readonly [Name in keyof GivenOf<Fields>]: Date extends GivenOf<Fields>[Name]
    ? GivenOf<Fields>[Name] | typeof triggerTime
    : GivenOf<Fields>[Name];
};

export interface TriggerOptions<Given extends object = object> {
  /** Unique among the triggers of its task. */
  readonly name: string;
  readonly automation: Cron | FixedRate;
  /** At most 255 characters; the rest is cut off. @default "" */
  readonly description?: string;
  /** Whether it fires from its deployment on. @default true */
  readonly autoActivate?: boolean;
  /** Values of the task's inputs, or {@link triggerTime}; the task's defaults stand for others. */
  readonly inputs?: Given;
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
export interface NamedTriggerOptions<Given extends object = object, Time extends string = string>
  extends Partial<Omit<TriggerOptions, "automation" | "inputs">> {
  readonly inputs?: Given;
  /** The input that gets the time of the fire. */
  readonly timeInput?: Time;
}

type Nothing = Readonly<Record<never, never>>;

/** What a trigger with a name of its own gives to inputs. */
type NamedInputs<Given extends object, Time extends string> = Given &
  Readonly<Record<Time, typeof triggerTime>>;

/**
 * Starts runs of the task it is attached to, on a schedule. A task may have several. The compiler
 * compares what it gives with what the task takes.
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
// biome-ignore lint/suspicious/noExplicitAny: a trigger of which nothing is known fits every task
export class Trigger<const Given extends object = any> {
  readonly options: TriggerOptions<Given>;

  constructor(options: TriggerOptions<Given>) {
    this.options = Object.freeze({ ...options });
  }

  /** Every minute. */
  static minutely<const Given extends object = Nothing, const Time extends string = never>(
    options: NamedTriggerOptions<Given, Time> = {},
  ): Trigger<NamedInputs<NoInfer<Given>, NoInfer<Time>>> {
    return named("minutely", "* * * * *", options);
  }

  /** Every hour, on the hour. */
  static hourly<const Given extends object = Nothing, const Time extends string = never>(
    options: NamedTriggerOptions<Given, Time> = {},
  ): Trigger<NamedInputs<NoInfer<Given>, NoInfer<Time>>> {
    return named("hourly", "0 * * * *", options);
  }

  /** Every day at midnight, UTC. */
  static daily<const Given extends object = Nothing, const Time extends string = never>(
    options: NamedTriggerOptions<Given, Time> = {},
  ): Trigger<NamedInputs<NoInfer<Given>, NoInfer<Time>>> {
    return named("daily", "0 0 * * *", options);
  }

  /** Every Sunday at midnight, UTC. */
  static weekly<const Given extends object = Nothing, const Time extends string = never>(
    options: NamedTriggerOptions<Given, Time> = {},
  ): Trigger<NamedInputs<NoInfer<Given>, NoInfer<Time>>> {
    return named("weekly", "0 0 * * 0", options);
  }

  /** On the first of every month at midnight, UTC. */
  static monthly<const Given extends object = Nothing, const Time extends string = never>(
    options: NamedTriggerOptions<Given, Time> = {},
  ): Trigger<NamedInputs<NoInfer<Given>, NoInfer<Time>>> {
    return named("monthly", "0 0 1 * *", options);
  }
}

function named<Given extends object, Time extends string>(
  name: string,
  expression: string,
  { timeInput, inputs, ...options }: NamedTriggerOptions<Given, Time>,
): Trigger<NamedInputs<Given, Time>> {
  const time = timeInput === undefined ? {} : { [timeInput]: triggerTime };
  return new Trigger({
    name,
    ...options,
    automation: new Cron(expression),
    // The type of the options says which they are.
    inputs: { ...inputs, ...time } as NamedInputs<Given, Time>,
  });
}

function invalidConfig(message: string): FlyteError {
  return new FlyteError("invalid_config", message);
}
