import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { Schedule, Trigger, TriggerDetails } from "../../../../src/idl/triggers.ts";
import { scheduleOf } from "../../../../src/values/schedule-of.ts";
import type { Scope } from "../../scope.ts";
import { nextFires } from "./next-fires.ts";

/** What names a trigger. */
export interface TriggerKey extends Scope {
  readonly task: string;
  readonly name: string;
}

/** A `flyteidl2.common.TriggerName`. */
export function toTriggerName({ project, domain, task, name }: TriggerKey): {
  readonly project: string;
  readonly domain: string;
  readonly taskName: string;
  readonly name: string;
} {
  return { project, domain, taskName: task, name };
}

/** What both pages show of a trigger. */
export interface TriggerRow extends TriggerKey {
  readonly isActive: boolean;
  readonly revision: bigint;
  readonly schedule: Schedule | undefined;
  /** When it was deployed or switched last, in milliseconds. */
  readonly updatedAt: number | undefined;
  readonly lastFiredAt: number | undefined;
}

export function toTriggerRow(
  trigger: Trigger | TriggerDetails,
  isActive: boolean,
  asked: TriggerKey,
): TriggerRow {
  const { name, revision } = trigger.id ?? {};
  const { updatedAt, triggeredAt } = trigger.status ?? {};
  return {
    project: name?.project || asked.project,
    domain: name?.domain || asked.domain,
    task: name?.taskName || asked.task,
    name: name?.name || asked.name,
    isActive,
    revision: revision ?? 0n,
    schedule: scheduleOf(trigger),
    updatedAt: updatedAt && timestampMs(updatedAt),
    lastFiredAt: triggeredAt && timestampMs(triggeredAt),
  };
}

/** When it fires next; undefined for one that is off, has no schedule, or one that is not understood. */
export function nextFireOf(
  { isActive, schedule, updatedAt }: Pick<TriggerRow, "isActive" | "schedule" | "updatedAt">,
  now: number,
): number | undefined {
  if (!isActive || schedule === undefined) return undefined;
  return nextFires(schedule, { since: updatedAt ?? now, now, count: 1 })?.[0];
}
