import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type Trigger,
  TriggerAutomationSpecSchema,
  type TriggerDetails,
  TriggerDetailsSchema,
  type TriggerRevision,
  TriggerRevisionSchema,
  TriggerSchema,
  TriggerSpecSchema,
} from "../../idl/triggers.ts";
import { toEnrichedIdentity } from "../auth/enriched-identity.ts";
import type { Database } from "../store/database.ts";
import { findUser } from "../store/identities.ts";
import type { TriggerRevisionRow } from "../store/trigger-revisions.ts";
import type { TriggerRow } from "../store/triggers.ts";

export function toTriggerDetails(database: Database, row: TriggerRow): TriggerDetails {
  const spec = fromBinary(TriggerSpecSchema, row.spec);
  return create(TriggerDetailsSchema, {
    ...describe(database, row),
    spec,
    description: spec.description,
  });
}

export function toTrigger(database: Database, row: TriggerRow): Trigger {
  return create(TriggerSchema, { ...describe(database, row), active: row.active === 1 });
}

/** A revision as the list of them shows it. */
export function toTriggerRevision(database: Database, row: TriggerRevisionRow): TriggerRevision {
  const details = fromBinary(TriggerDetailsSchema, row.details);
  return create(TriggerRevisionSchema, {
    ...(details.id !== undefined && { id: details.id }),
    ...(details.status !== undefined && { status: details.status }),
    metadata: { ...details.metadata, updatedBy: toIdentity(database, row.changed_by) },
    action: row.action,
    createdAt: timestampFromMs(row.created_at),
  });
}

/** What a trigger is from this revision on, for {@link TriggerRevisionRow.details}. */
export function toRevisionBytes(database: Database, row: TriggerRow): Uint8Array {
  return toBinary(TriggerDetailsSchema, toTriggerDetails(database, row));
}

function describe(database: Database, row: TriggerRow) {
  const { project, domain, task_name: taskName, name, revision } = row;
  const { deployed_at, updated_at, triggered_at, deleted_at } = row;
  return {
    id: { name: { project, domain, taskName, name }, revision: BigInt(revision) },
    metadata: {
      deployedBy: toIdentity(database, row.deployed_by),
      updatedBy: toIdentity(database, row.updated_by),
    },
    status: {
      deployedAt: timestampFromMs(deployed_at),
      updatedAt: timestampFromMs(updated_at),
      ...(triggered_at !== null && { triggeredAt: timestampFromMs(triggered_at) }),
      ...(deleted_at !== null && { deletedAt: timestampFromMs(deleted_at) }),
    },
    automationSpec: fromBinary(TriggerAutomationSpecSchema, row.automation),
  };
}

function toIdentity(database: Database, subject: string) {
  const user = findUser(database, subject) ?? { subject, name: subject, email: "" };
  return toEnrichedIdentity(user);
}
