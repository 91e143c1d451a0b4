import type { TriggerDetails } from "../idl/triggers.ts";
import { FlyteError } from "../shared/errors.ts";
import { toTriggerUrl } from "./console-urls.ts";
import type { Scope } from "./control-plane.ts";
import type { TriggerStatus } from "./trigger-calls.ts";

/** A trigger by name, with what an answer may leave out about it. */
export interface AskedTrigger extends Scope {
  readonly task: string;
  readonly name: string;
  /** Base of console addresses. */
  readonly consoleUrl: string;
}

/**
 * The state of a trigger, as `GetTriggerDetails` tells it.
 *
 * @throws FlyteError `not_found` for one that is marked as deleted, `internal` when the answer does
 * not tell whether it is active
 */
export function toTriggerStatus(
  trigger: TriggerDetails | undefined,
  asked: AskedTrigger,
): TriggerStatus {
  if (trigger?.status?.deletedAt !== undefined) {
    throw new FlyteError("not_found", `Trigger ${asked.name} of task ${asked.task} is deleted.`);
  }
  const spec = trigger?.spec;
  if (spec === undefined) {
    throw new FlyteError(
      "internal",
      `The control plane told no spec of trigger ${asked.name} of task ${asked.task}.`,
    );
  }
  const id = trigger?.id?.name;
  const project = id?.project || asked.project;
  const domain = id?.domain || asked.domain;
  const task = id?.taskName || asked.task;
  const name = id?.name || asked.name;
  return {
    project,
    domain,
    task,
    name,
    active: spec.active,
    revision: Number(trigger?.id?.revision ?? 0n),
    taskVersion: spec.taskVersion,
    description: trigger?.description || spec.description,
    url: toTriggerUrl(asked.consoleUrl, { project, domain }, task, name),
  };
}
