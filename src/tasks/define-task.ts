import { FlyteError } from "../shared/errors.ts";
import { completeInputs, completeOutputs } from "./complete-values.ts";
import { createTaskContext, type TaskContext } from "./task-context.ts";
import { secretFaults, type TaskSecret, toTaskSecrets } from "./task-secrets.ts";
import { triggerFaults } from "./task-triggers.ts";
import type { GivenOf, TaskFields, ValuesOf } from "./task-type.ts";
import type { Trigger, TriggerInputs } from "./trigger.ts";

/** Marks tasks, also those made by another loaded copy of the package. */
const TASK: unique symbol = Symbol.for("flyte-webhook.task") as never;

/** How a task is called, what it takes and gives, and how it is run. */
export interface TaskOptions<Inputs extends TaskFields, Outputs extends TaskFields> {
  /** `environment.function` by custom, for example `stats.describe`; at most 255 characters. */
  readonly name: string;
  /** @default {} */
  readonly inputs?: Inputs;
  /** @default {} */
  readonly outputs?: Outputs;
  /** Attempts after the first one. @default 0 */
  readonly retries?: number;
  /** Time of one attempt, in milliseconds. @default no limit */
  readonly timeoutMs?: number;
  /** @default "" */
  readonly description?: string;
  /** Environment variables of the task. @default {} */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Secrets of the control plane that the task gets as environment variables, or as files: by their
   * key, or with how they are to be given. A run fails when one is missing. @default []
   */
  readonly secrets?: readonly (string | TaskSecret)[];
  /** What starts runs of it by itself, once it is deployed. @default [] */
  readonly triggers?: readonly Trigger<TriggerInputs<NoInfer<Inputs>>>[];
  /** Reuses outputs of an earlier run with the same inputs and cache version. @default off */
  readonly cache?: { readonly version: string };
}

export interface Task<
  Inputs extends TaskFields = TaskFields,
  Outputs extends TaskFields = TaskFields,
> {
  readonly name: string;
  readonly inputs: Inputs;
  readonly outputs: Outputs;
  readonly retries: number;
  readonly timeoutMs: number | undefined;
  readonly description: string;
  readonly env: Readonly<Record<string, string>>;
  readonly secrets: readonly TaskSecret[];
  readonly triggers: readonly Trigger[];
  readonly cache: { readonly version: string } | undefined;
  /**
   * Calls the task's function here, as in a unit test: fills defaults, checks inputs and outputs.
   *
   * @throws FlyteError `invalid_input` when inputs do not fit.
   * @throws UserError when the function returns outputs that were not declared so.
   */
  execute(inputs: GivenOf<Inputs>, context?: TaskContext): Promise<ValuesOf<Outputs>>;
  readonly [TASK]: true;
}

/**
 * Defines a task. Export it, and `flyte-webhook deploy FILE` registers it.
 *
 * @example
 * ```ts
 * import { defineTask, t } from "flyte-webhook/tasks";
 *
 * export const double = defineTask(
 *   { name: "math.double", inputs: { x: t.float() }, outputs: { y: t.float() } },
 *   async ({ x }) => ({ y: 2 * x }),
 * );
 * ```
 *
 * @throws FlyteError `invalid_config` when the options break a rule; all faults at once.
 */
export function defineTask<
  const Inputs extends TaskFields = Record<never, never>,
  const Outputs extends TaskFields = Record<never, never>,
>(
  options: TaskOptions<Inputs, Outputs>,
  run: (
    inputs: ValuesOf<Inputs>,
    context: TaskContext,
  ) => ValuesOf<Outputs> | Promise<ValuesOf<Outputs>>,
): Task<Inputs, Outputs> {
  checkOptions(options);
  // Left out means that there are none, which is what the type parameters default to.
  const inputs = options.inputs ?? ({} as Inputs);
  const outputs = options.outputs ?? ({} as Outputs);
  return {
    name: options.name,
    inputs,
    outputs,
    retries: options.retries ?? 0,
    timeoutMs: options.timeoutMs,
    description: options.description ?? "",
    env: options.env ?? {},
    secrets: toTaskSecrets(options.secrets ?? []),
    triggers: options.triggers ?? [],
    cache: options.cache,
    async execute(given, context = createTaskContext()) {
      const complete = completeInputs(options.name, inputs, given);
      const result: unknown = await run(complete as ValuesOf<Inputs>, context);
      return completeOutputs(options.name, outputs, result) as ValuesOf<Outputs>;
    },
    [TASK]: true,
  };
}

/** Whether a value is a task, whichever copy of the package made it. */
export function isTask(value: unknown): value is Task {
  return typeof value === "object" && value !== null && TASK in value;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/;
const FIELD = /^[A-Za-z_][A-Za-z0-9_]*$/;

function checkOptions(options: TaskOptions<TaskFields, TaskFields>): void {
  const { name, inputs = {}, outputs = {}, retries = 0, timeoutMs, env = {} } = options;
  const faults: string[] = [];
  if (typeof name !== "string" || !NAME.test(name) || name.length > 255) {
    faults.push("name must be letters, digits and _ . - (first a letter), at most 255 characters");
  }
  for (const field of [...Object.keys(inputs), ...Object.keys(outputs)]) {
    if (!FIELD.test(field)) faults.push(`${JSON.stringify(field)} must be a plain identifier`);
  }
  if (!Number.isInteger(retries) || retries < 0 || retries > 100) {
    faults.push("retries must be a whole number from 0 to 100");
  }
  if (timeoutMs !== undefined && !(timeoutMs > 0 && Number.isFinite(timeoutMs))) {
    faults.push("timeoutMs must be a positive number");
  }
  for (const variable of Object.keys(env)) {
    if (!/^[A-Za-z_]\w*$/.test(variable)) {
      faults.push(`${JSON.stringify(variable)} is not a name of an environment variable`);
    }
  }
  faults.push(...secretFaults(options.secrets ?? []));
  faults.push(...triggerFaults(options.triggers ?? [], inputs));
  if (faults.length > 0) {
    const message = `Task ${JSON.stringify(name)} is not defined well: ${faults.join("; ")}.`;
    throw new FlyteError("invalid_config", message);
  }
}
