import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type ConditionAction, ConditionActionSchema } from "../../idl/actions.ts";
import { LiteralSchema, LiteralTypeSchema } from "../../idl/literals.ts";
import {
  type ActionDetails,
  type ActionMetadata,
  ActionType,
  ConditionActionMetadataSchema,
} from "../../idl/runs.ts";
import { conditionFields, SignalInfoSchema } from "../../idl/signals.ts";
import { writeUnknownBytes } from "../../values/unknown-fields.ts";
import { toEnrichedIdentity } from "../auth/enriched-identity.ts";
import { readTaskSpec } from "../engine/read-task-spec.ts";
import type { ActionRow } from "../store/actions.ts";
import { findCondition } from "../store/conditions.ts";
import type { Database } from "../store/database.ts";
import { findUser } from "../store/identities.ts";

/** What kind of action it is, as `ActionMetadata` tells it. */
export function toMetadataSpec(
  database: Database,
  row: ActionRow,
): Pick<ActionMetadata, "spec" | "actionType"> {
  if (row.type === ActionType.CONDITION) {
    const value = create(ConditionActionMetadataSchema, { name: row.function_name });
    const type = readSpec(database, row)?.type;
    if (type !== undefined) {
      const bytes = toBinary(LiteralTypeSchema, type);
      writeUnknownBytes(value, conditionFields.metadataType, bytes);
    }
    return { actionType: ActionType.CONDITION, spec: { case: "condition", value } };
  }
  if (row.type === ActionType.TRACE) {
    const $typeName = "flyteidl2.workflow.TraceActionMetadata";
    const value = { $typeName, name: row.function_name } as const;
    return { actionType: ActionType.TRACE, spec: { case: "trace", value } };
  }
  const { task_project: project, task_domain: domain, task_name: name } = row;
  const id = { project, domain, name, version: row.task_version, org: "" };
  return {
    actionType: ActionType.TASK,
    spec: {
      case: "task",
      value: {
        $typeName: "flyteidl2.workflow.TaskActionMetadata",
        id: { $typeName: "flyteidl2.task.TaskIdentifier", ...id },
        taskType: row.task_type,
        shortName: row.function_name,
      },
    },
  };
}

/**
 * Adds to an action's details what it was made of; to those of a condition, also how it was resolved.
 */
export function addSpec(database: Database, row: ActionRow, details: ActionDetails): ActionDetails {
  if (row.type === ActionType.TASK) {
    const value = readTaskSpec(database, row.spec_digest);
    if (value !== undefined) details.spec = { case: "task", value };
    return details;
  }
  const condition = findCondition(database, row.id);
  if (condition === undefined) return details;
  writeUnknownBytes(details, conditionFields.detailsCondition, condition.spec);
  if (condition.value === null) return details;
  const subject = condition.signalled_by ?? "";
  const by = findUser(database, subject) ?? { subject, name: subject, email: "" };
  const info = create(SignalInfoSchema, {
    signalledBy: toEnrichedIdentity(by),
    output: fromBinary(LiteralSchema, condition.value),
  });
  const bytes = toBinary(SignalInfoSchema, info);
  return writeUnknownBytes(details, conditionFields.detailsSignalInfo, bytes);
}

function readSpec(database: Database, { id }: ActionRow): ConditionAction | undefined {
  const condition = findCondition(database, id);
  return condition === undefined ? undefined : fromBinary(ConditionActionSchema, condition.spec);
}
