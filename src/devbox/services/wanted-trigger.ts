import { create, toBinary } from "@bufbuild/protobuf";
import { SimpleType } from "../../idl/literals.ts";
import type { TaskSpec } from "../../idl/tasks.ts";
import {
  type TriggerAutomationSpec,
  TriggerAutomationSpecSchema,
  TriggerAutomationSpecType,
  type TriggerSpec,
  TriggerSpecSchema,
} from "../../idl/triggers.ts";
import { FlyteError } from "../../shared/errors.ts";
import { readSchedule } from "../../values/schedule.ts";
import type { TriggerKey } from "../store/triggers.ts";
import type { WantedTrigger } from "./change-trigger.ts";

const maxDescription = 255;

export interface TriggerRequest {
  readonly key: TriggerKey;
  readonly spec: TriggerSpec | undefined;
  readonly automation: TriggerAutomationSpec | undefined;
  /** The task in the version that the trigger starts. */
  readonly task: TaskSpec;
}

/**
 * Checks what a trigger is to be. The type of its automation follows from the schedule, whatever the
 * request calls it.
 *
 * @throws FlyteError `invalid_input` for a schedule that is none, for inputs the task does not have,
 * and for inputs it needs and would not get
 */
export function toWantedTrigger({ key, spec, automation, task }: TriggerRequest): WantedTrigger {
  const wanted = create(TriggerSpecSchema, spec ?? {});
  wanted.description = [...wanted.description].slice(0, maxDescription).join("");
  const schedule = automation?.automation.case === "schedule" ? automation.automation : undefined;
  const type =
    schedule === undefined
      ? TriggerAutomationSpecType.TYPE_NONE
      : TriggerAutomationSpecType.TYPE_SCHEDULE;
  if (schedule !== undefined) checkSchedule(key, schedule.value);
  const timeInput = schedule?.value.kickoffTimeInputArg ?? "";
  checkInputs(key, wanted, timeInput, task);
  return {
    ...key,
    spec: toBinary(TriggerSpecSchema, wanted),
    automation: toBinary(
      TriggerAutomationSpecSchema,
      create(TriggerAutomationSpecSchema, {
        type,
        automation: schedule ?? { case: undefined },
      }),
    ),
    automation_type: type,
    task_version: wanted.taskVersion,
    active: wanted.active,
  };
}

function checkSchedule(key: TriggerKey, schedule: Parameters<typeof readSchedule>[0]): void {
  try {
    readSchedule(schedule);
  } catch (error) {
    if (!FlyteError.is(error)) throw error;
    throw invalid(key, error.message);
  }
}

function checkInputs(key: TriggerKey, spec: TriggerSpec, timeInput: string, task: TaskSpec): void {
  const variables = task.taskTemplate?.interface?.inputs?.variables ?? [];
  const types = new Map(variables.map(({ key: name, value }) => [name, value?.type]));
  const given = new Set(spec.inputs?.literals.map(({ name }) => name));
  if (timeInput !== "") {
    const type = types.get(timeInput)?.type;
    if (type?.case !== "simple" || type.value !== SimpleType.DATETIME) {
      throw invalid(key, `${quote(timeInput)} is no input for a time of the task`);
    }
    given.add(timeInput);
  }
  for (const name of given) {
    if (!types.has(name)) throw invalid(key, `the task has no input ${quote(name)}`);
  }
  const defaults = task.defaultInputs.filter(
    ({ parameter }) =>
      parameter?.behavior.case === "default" || parameter?.behavior.value === false,
  );
  for (const { name } of defaults) given.add(name);
  const missing = [...types.keys()].filter((name) => !given.has(name));
  if (missing.length === 0) return;
  throw invalid(key, `no value for ${missing.map(quote).join(", ")}, which the task needs`);
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}

function invalid({ name }: TriggerKey, reason: string): FlyteError {
  return new FlyteError("invalid_input", `trigger ${quote(name)}: ${reason}`);
}
