import { fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  TriggerAutomationSpecSchema,
  TriggerRevisionAction,
  TriggerSpecSchema,
} from "../../idl/triggers.ts";
import { readSchedule } from "../../values/schedule.ts";
import type { Database } from "../store/database.ts";
import { insertTriggerRevision } from "../store/trigger-revisions.ts";
import { findTrigger, putTrigger, type TriggerKey, type TriggerRow } from "../store/triggers.ts";
import { toRevisionBytes } from "./trigger-messages.ts";

/** A trigger as a deployment wants it. */
export interface WantedTrigger extends TriggerKey {
  readonly spec: Uint8Array;
  readonly automation: Uint8Array;
  readonly automation_type: number;
  readonly task_version: string;
  readonly active: boolean;
}

/** Who changes a trigger, and when. */
export interface Change {
  readonly by: string;
  readonly now: number;
}

/** Stores a trigger, over one of its name, also over a deleted one. Inside of a write. */
export function deployTrigger(
  database: Database,
  wanted: WantedTrigger,
  change: Change,
): TriggerRow {
  const before = findTrigger(database, wanted);
  return put(database, TriggerRevisionAction.DEPLOY, change, {
    ...wanted,
    active: wanted.active ? 1 : 0,
    revision: (before?.revision ?? 0) + 1,
    deployed_by: change.by,
    updated_by: change.by,
    deployed_at: change.now,
    updated_at: change.now,
    triggered_at: before?.triggered_at ?? null,
    deleted_at: null,
  });
}

/** Switches a trigger on or off; one that is so already stays as it is. Inside of a write. */
export function switchTrigger(
  database: Database,
  row: TriggerRow,
  active: boolean,
  change: Change,
): TriggerRow {
  if ((row.active === 1) === active) return row;
  const action = active ? TriggerRevisionAction.ACTIVATE : TriggerRevisionAction.DEACTIVATE;
  const spec = fromBinary(TriggerSpecSchema, row.spec);
  spec.active = active;
  return put(database, action, change, {
    ...row,
    spec: toBinary(TriggerSpecSchema, spec),
    active: active ? 1 : 0,
    revision: row.revision + 1,
    updated_by: change.by,
    updated_at: change.now,
  });
}

/** Ends a trigger; what it was stays to be read. Inside of a write. */
export function deleteTrigger(database: Database, row: TriggerRow, change: Change): void {
  put(database, TriggerRevisionAction.DELETE, change, {
    ...row,
    active: 0,
    revision: row.revision + 1,
    updated_by: change.by,
    updated_at: change.now,
    deleted_at: change.now,
  });
}

function put(
  database: Database,
  action: TriggerRevisionAction,
  { by, now }: Change,
  row: Omit<TriggerRow, "id" | "next_fire">,
): TriggerRow {
  const stored = putTrigger(database, { ...row, next_fire: firstFire(row, now) });
  insertTriggerRevision(database, {
    trigger_id: stored.id,
    revision: stored.revision,
    action,
    changed_by: by,
    created_at: now,
    details: toRevisionBytes(database, stored),
  });
  return stored;
}

function firstFire(row: Omit<TriggerRow, "id" | "next_fire">, now: number): number | null {
  if (row.active !== 1 || row.deleted_at !== null) return null;
  const { automation } = fromBinary(TriggerAutomationSpecSchema, row.automation);
  if (automation.case !== "schedule") return null;
  return readSchedule(automation.value).next(now, row.updated_at) ?? null;
}
