import type {
  TriggerRef,
  TriggerRevision,
  TriggerStatus,
  TriggerSummary,
} from "../../client/trigger-calls.ts";
import { FlyteError } from "../../shared/errors.ts";
import type { JsonObject } from "../../shared/json.ts";
import { parseTaskName } from "../../values/identifiers.ts";
import { confirm } from "../ask.ts";
import { connect } from "../connection.ts";
import type { ConnectionOptions } from "../options.ts";
import { fields, print, printJson, printTime, table } from "../output.ts";

interface GetTriggerOptions extends ConnectionOptions {
  readonly history?: boolean;
  readonly limit: number;
}

/** `flyte-webhook get trigger`: one trigger, or those of a task, or of the project and domain. */
export async function getTrigger(
  task: string | undefined,
  name: string | undefined,
  options: GetTriggerOptions,
): Promise<void> {
  await using controlPlane = await connect(options);
  const { json, limit } = options;
  if (task === undefined || name === undefined) {
    const scope = task === undefined ? {} : toTaskOfTrigger(task);
    const found = await controlPlane.triggers.list(scope, { limit });
    return json === true ? printJson(found.map(summaryToJson)) : print(triggerTable(found));
  }
  const ref = toTriggerRef(task, name);
  const trigger = await controlPlane.triggers.get(ref);
  if (options.history !== true) return showTrigger(trigger, options);
  const history = await controlPlane.triggers.history(ref, { limit });
  if (json === true) {
    return printJson({ ...statusToJson(trigger), history: history.map(revisionToJson) });
  }
  showTrigger(trigger, options);
  print(`\n${historyTable(history)}`);
}

/** `flyte-webhook activate trigger` and `deactivate trigger`: switches it, and shows what was read back. */
export async function switchTrigger(
  verb: "activate" | "deactivate",
  [task, name]: readonly [task: string, name: string],
  options: ConnectionOptions,
): Promise<void> {
  await using controlPlane = await connect(options);
  showTrigger(await controlPlane.triggers[verb](toTriggerRef(task, name)), options);
}

/** `flyte-webhook delete trigger`: what was named wrongly is told, not taken for deleted. */
export async function deleteTrigger(
  task: string,
  name: string,
  options: ConnectionOptions & { readonly yes?: boolean },
): Promise<void> {
  await using controlPlane = await connect(options);
  const trigger = await controlPlane.triggers.get(toTriggerRef(task, name));
  if (options.yes !== true) await confirm(`Delete the trigger ${name} of ${trigger.task}?`);
  await controlPlane.triggers.delete(trigger);
  if (options.json === true) return printJson({ task: trigger.task, name, deleted: true });
  print(fields([["deleted", `${trigger.task} ${name}`]]));
}

/** A trigger as two words of the command line name it. */
export function toTriggerRef(task: string, name: string): TriggerRef {
  return { ...toTaskOfTrigger(task), name };
}

function toTaskOfTrigger(text: string): Omit<TriggerRef, "name"> {
  const { name: task, version, ...scope } = parseTaskName(text);
  if (version === undefined) return { ...scope, task };
  throw new FlyteError(
    "invalid_input",
    `A trigger belongs to all versions of its task. Leave @${version} out.`,
  );
}

/** Shows one trigger with all that is known of it. */
export function showTrigger(trigger: TriggerStatus, options: ConnectionOptions): void {
  if (options.json === true) {
    printJson(statusToJson(trigger));
    return;
  }
  print(
    fields([
      ["trigger", trigger.name],
      ["task", `${trigger.domain}/${trigger.project}/${trigger.task}@${trigger.taskVersion}`],
      ["active", trigger.active ? "yes" : "no"],
      ["schedule", trigger.schedule],
      ["next fire", trigger.nextFireAt && printTime(trigger.nextFireAt)],
      ["last fire", trigger.lastFiredAt && printTime(trigger.lastFiredAt)],
      ["time input", trigger.timeInput],
      ["description", trigger.description],
      ["revision", String(trigger.revision)],
      ["updated by", trigger.updatedBy],
      ["updated", trigger.updatedAt && printTime(trigger.updatedAt)],
      ["url", trigger.url],
    ]),
  );
}

function triggerTable(triggers: readonly TriggerSummary[]): string {
  return table(
    ["task", "name", "schedule", "active", "next fire", "last fire"],
    triggers.map((trigger) => [
      trigger.task,
      trigger.name,
      trigger.schedule ?? "-",
      trigger.active ? "yes" : "no",
      printTime(trigger.nextFireAt),
      printTime(trigger.lastFiredAt),
    ]),
  );
}

function historyTable(history: readonly TriggerRevision[]): string {
  return table(
    ["revision", "action", "by", "at"],
    history.map(({ revision, action, by, at }) => [
      String(revision),
      action,
      by ?? "-",
      printTime(at),
    ]),
  );
}

function summaryToJson(trigger: TriggerSummary): JsonObject {
  return {
    task: trigger.task,
    name: trigger.name,
    project: trigger.project,
    domain: trigger.domain,
    active: trigger.active,
    schedule: trigger.schedule ?? null,
    nextFireAt: trigger.nextFireAt?.toISOString() ?? null,
    lastFiredAt: trigger.lastFiredAt?.toISOString() ?? null,
    revision: trigger.revision,
    updatedBy: trigger.updatedBy ?? null,
    updatedAt: trigger.updatedAt?.toISOString() ?? null,
    url: trigger.url,
  };
}

function statusToJson(trigger: TriggerStatus): JsonObject {
  return {
    ...summaryToJson(trigger),
    taskVersion: trigger.taskVersion,
    description: trigger.description,
    timeInput: trigger.timeInput ?? null,
  };
}

function revisionToJson({ at, by, ...revision }: TriggerRevision): JsonObject {
  return { ...revision, by: by ?? null, at: at?.toISOString() ?? null };
}
