import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import {
  FixedRateUnit,
  type TaskTrigger,
  TaskTriggerSchema,
  TriggerAutomationSpecType,
} from "../idl/triggers.ts";
import { printPath } from "../shared/errors.ts";
import { toLiteral } from "../values/literals.ts";
import type { Task } from "./define-task.ts";
import { toLiteralType } from "./literal-types.ts";
import { fromNative } from "./native-values.ts";
import type { TaskFields } from "./task-type.ts";
import { Cron, FixedRate, Trigger, type TriggerOptions, triggerTime } from "./trigger.ts";

/** What is wrong with the triggers of a task, one text for each fault. */
export function triggerFaults(triggers: readonly Trigger[], inputs: TaskFields): readonly string[] {
  const names = triggers.map((trigger) => trigger?.options?.name);
  return triggers.flatMap((trigger, index) => {
    if (!(trigger instanceof Trigger)) return ["triggers must be made by new Trigger"];
    const faults = faultsOf(trigger.options, inputs);
    if (names.indexOf(trigger.options.name) !== index) faults.push("has the name of another");
    return faults.map((fault) => `trigger ${JSON.stringify(trigger.options.name)} ${fault}`);
  });
}

function faultsOf(options: TriggerOptions, fields: TaskFields): string[] {
  const { name, automation, inputs = {} } = options;
  const faults: string[] = [];
  if (typeof name !== "string" || !/^[A-Za-z0-9][A-Za-z0-9_.-]{0,254}$/.test(name)) {
    faults.push("must have a name of letters, digits and _ . -");
  }
  if (!(automation instanceof Cron) && !(automation instanceof FixedRate)) {
    faults.push("must have a Cron or a FixedRate as automation");
  }
  const times = timeInputs(inputs);
  if (times.length > 1)
    faults.push(`gives its time to ${times.join(" and ")}; one input can have it`);
  for (const [key, value] of Object.entries(inputs)) {
    const shape = Object.hasOwn(fields, key) ? fields[key]?.shape : undefined;
    if (shape === undefined) faults.push(`gives ${JSON.stringify(key)}, which is no input`);
    else if (value !== triggerTime) {
      const inner = fromNative(shape, value).faults;
      faults.push(
        ...inner.map(({ path, message }) => `input ${printPath([key, ...path])} ${message}`),
      );
    } else if (shape.kind !== "datetime") {
      faults.push(`gives its time to ${JSON.stringify(key)}, which is no t.datetime()`);
    }
  }
  for (const [key, { shape, fallback }] of Object.entries(fields)) {
    if (Object.hasOwn(inputs, key) || fallback !== undefined || shape.kind === "none") continue;
    faults.push(`gives no value for ${JSON.stringify(key)}, which the task needs`);
  }
  return faults;
}

/** The triggers of a task as it is deployed with them (`task.TaskTrigger`). */
export function toTaskTriggers({ triggers = [], inputs }: Task): TaskTrigger[] {
  return triggers.map(({ options }) => toTaskTrigger(options, inputs));
}

function toTaskTrigger(options: TriggerOptions, fields: TaskFields): TaskTrigger {
  const { name, description = "", autoActivate: active = true, inputs = {} } = options;
  const literals = Object.entries(inputs).flatMap(([key, value]) => {
    const shape = fields[key]?.shape;
    if (shape === undefined || value === triggerTime) return [];
    return [{ name: key, value: toLiteral(fromNative(shape, value).value, toLiteralType(shape)) }];
  });
  return create(TaskTriggerSchema, {
    name,
    spec: { active, description, inputs: { literals }, runSpec: toRunSpec(options) },
    automationSpec: {
      type: TriggerAutomationSpecType.TYPE_SCHEDULE,
      automation: { case: "schedule", value: toSchedule(options) },
    },
  });
}

function toSchedule({ automation, inputs = {} }: TriggerOptions) {
  const [kickoffTimeInputArg = ""] = timeInputs(inputs);
  // Made by the copy of this package that is in the bundle.
  if ("expression" in automation) {
    const { expression, timezone } = automation;
    return {
      kickoffTimeInputArg,
      expression: { case: "cron", value: { expression, timezone } },
    } as const;
  }
  const { intervalMinutes: value, startTime } = automation;
  const start = startTime && { startTime: timestampFromDate(startTime) };
  const rate = { value, unit: FixedRateUnit.MINUTE, ...start };
  return { kickoffTimeInputArg, expression: { case: "rate", value: rate } } as const;
}

/** The inputs that get the time of the fire. */
function timeInputs(inputs: object): readonly string[] {
  return Object.entries(inputs).flatMap(([key, value]) => (value === triggerTime ? [key] : []));
}

function toRunSpec(options: TriggerOptions) {
  const { env, labels, annotations, interruptible, overwriteCache = false, queue = "" } = options;
  return {
    overwriteCache,
    cluster: queue,
    ...(interruptible !== undefined && { interruptible }),
    ...(labels !== undefined && { labels: { values: { ...labels } } }),
    ...(annotations !== undefined && { annotations: { values: { ...annotations } } }),
    ...(env !== undefined && {
      envs: { values: Object.entries(env).map(([key, value]) => ({ key, value })) },
    }),
  };
}
