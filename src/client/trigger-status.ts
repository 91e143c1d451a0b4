import { type Timestamp, timestampDate } from "@bufbuild/protobuf/wkt";
import type { EnrichedIdentity } from "../idl/identifiers.ts";
import type { Schedule, Trigger, TriggerDetails, TriggerSpec } from "../idl/triggers.ts";
import { FlyteError } from "../shared/errors.ts";
import { describeSchedule } from "../values/describe-schedule.ts";
import { readSchedule } from "../values/schedule.ts";
import { scheduleOf } from "../values/schedule-of.ts";
import { toTriggerUrl } from "./console-urls.ts";
import type { Scope } from "./control-plane.ts";
import type { TriggerStatus, TriggerSummary } from "./trigger-calls.ts";

/** A trigger by name, with what an answer may leave out about it. */
export interface AskedTrigger extends Scope {
  readonly task: string;
  readonly name: string;
  /** Base of console addresses. */
  readonly consoleUrl: string;
}

/**
 * The state of a trigger, as `GetTriggerDetails` and `DeployTrigger` tell it.
 *
 * @throws FlyteError `not_found` for one that is marked as deleted, `internal` when the answer does
 * not tell whether it is active
 */
export function toTriggerStatus(
  trigger: TriggerDetails | undefined,
  asked: AskedTrigger,
): TriggerStatus {
  const spec = toTriggerSpec(trigger, asked);
  return {
    ...describe(trigger, spec.active, asked),
    taskVersion: spec.taskVersion,
    description: trigger?.description || spec.description,
    timeInput: scheduleOf(trigger)?.kickoffTimeInputArg || undefined,
  };
}

/** What a trigger is to do. @throws what {@link toTriggerStatus} throws */
export function toTriggerSpec(
  trigger: TriggerDetails | undefined,
  asked: AskedTrigger,
): TriggerSpec {
  if (trigger?.status?.deletedAt !== undefined) {
    throw new FlyteError("not_found", `Trigger ${asked.name} of task ${asked.task} is deleted.`);
  }
  if (trigger?.spec !== undefined) return trigger.spec;
  throw new FlyteError(
    "internal",
    `The control plane told no spec of trigger ${asked.name} of task ${asked.task}.`,
  );
}

/** What `ListTriggers` tells of a trigger. */
export function toTriggerSummary(trigger: Trigger, asked: AskedTrigger): TriggerSummary {
  return describe(trigger, trigger.active, asked);
}

function describe(
  trigger: Trigger | TriggerDetails | undefined,
  active: boolean,
  asked: AskedTrigger,
): TriggerSummary {
  const id = trigger?.id?.name;
  const project = id?.project || asked.project;
  const domain = id?.domain || asked.domain;
  const task = id?.taskName || asked.task;
  const name = id?.name || asked.name;
  const schedule = scheduleOf(trigger);
  const updatedAt = toDate(trigger?.status?.updatedAt);
  return {
    project,
    domain,
    task,
    name,
    active,
    revision: Number(trigger?.id?.revision ?? 0n),
    schedule: schedule && describeSchedule(schedule),
    nextFireAt: active ? toNextFire(schedule, updatedAt) : undefined,
    lastFiredAt: toDate(trigger?.status?.triggeredAt),
    updatedBy: toSubject(trigger?.metadata?.updatedBy),
    updatedAt,
    url: toTriggerUrl(asked.consoleUrl, { project, domain }, task, name),
  };
}

function toNextFire(schedule: Schedule | undefined, since: Date | undefined): Date | undefined {
  if (schedule === undefined) return undefined;
  const now = Date.now();
  try {
    const next = readSchedule(schedule).next(now, since?.getTime() ?? now);
    return next === undefined ? undefined : new Date(next);
  } catch (error) {
    // One that another version or another control plane understands.
    if (FlyteError.is(error)) return undefined;
    throw error;
  }
}

/** Whom an identity is of. */
export function toSubject(identity: EnrichedIdentity | undefined): string | undefined {
  return identity?.principal.value?.id?.subject || undefined;
}

export function toDate(timestamp: Timestamp | undefined): Date | undefined {
  return timestamp === undefined ? undefined : timestampDate(timestamp);
}
