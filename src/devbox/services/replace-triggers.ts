import { create } from "@bufbuild/protobuf";
import type { TaskSpec } from "../../idl/tasks.ts";
import { type TaskTrigger, TriggerSpecSchema } from "../../idl/triggers.ts";
import { FlyteError } from "../../shared/errors.ts";
import type { Database } from "../store/database.ts";
import { triggersOfTask } from "../store/triggers.ts";
import { type Change, deleteTrigger, deployTrigger, type WantedTrigger } from "./change-trigger.ts";
import type { TaskId } from "./deployed-task.ts";
import { readTriggerName } from "./trigger-names.ts";
import { toWantedTrigger } from "./wanted-trigger.ts";

/** Checks the triggers that a task is deployed with. @throws FlyteError `invalid_input` */
export function toTaskTriggers(
  triggers: readonly TaskTrigger[],
  { project, domain, name: taskName, version: taskVersion }: TaskId,
  task: TaskSpec,
): readonly WantedTrigger[] {
  const wanted = triggers.map(({ name, spec, automationSpec: automation }) => {
    const key = readTriggerName({
      $typeName: "flyteidl2.common.TriggerName",
      ...{ org: "", project, domain, taskName, name },
    });
    const { active = false, inputs, runSpec, description = "" } = spec ?? {};
    const full = create(TriggerSpecSchema, {
      ...{ active, description, taskVersion },
      ...(inputs !== undefined && { inputs }),
      ...(runSpec !== undefined && { runSpec }),
    });
    return toWantedTrigger({ key, spec: full, automation, task });
  });
  const names = wanted.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new FlyteError("invalid_input", `two triggers are named ${JSON.stringify(twice)}`);
  }
  return wanted;
}

/**
 * Makes the triggers that a task is deployed with those it has: the others are deleted. Without any,
 * all stay as they are. Inside of a write.
 */
export function replaceTriggers(
  database: Database,
  { project, domain, name }: TaskId,
  wanted: readonly WantedTrigger[],
  change: Change,
): void {
  if (wanted.length === 0) return;
  const names = new Set(wanted.map((trigger) => trigger.name));
  for (const row of triggersOfTask(database, { project, domain, task_name: name })) {
    if (!names.has(row.name)) deleteTrigger(database, row, change);
  }
  for (const trigger of wanted) deployTrigger(database, trigger, change);
}
