export type { ConditionOptions, ConditionValue, WaitFor } from "./condition.ts";
export { defineTask, isTask, type Task, type TaskOptions } from "./define-task.ts";
export { type ReadFileOptions, readFile, readText } from "./read-file.ts";
export { type TaskTypes, t } from "./t.ts";
export {
  createTaskContext,
  type LogFields,
  type TaskContext,
  type TaskContextOptions,
  type TaskLogger,
} from "./task-context.ts";
export { NonRecoverableError, UserError, type UserErrorOptions } from "./task-errors.ts";
export type { TaskSecret } from "./task-secrets.ts";
export type {
  DatasetRef,
  DefaultedType,
  FileRef,
  GivenOf,
  Json,
  StructField,
  TaskFields,
  TaskType,
  TypeShape,
  ValueOf,
  ValuesOf,
} from "./task-type.ts";
export {
  Cron,
  type CronOptions,
  FixedRate,
  type FixedRateOptions,
  type NamedTriggerOptions,
  Trigger,
  type TriggerInputs,
  type TriggerOptions,
  triggerTime,
} from "./trigger.ts";
