import { create } from "@bufbuild/protobuf";
import { timestampFromDate, timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type Condition,
  ConditionSchema,
  Spec_DesiredState,
  type Status,
  Status_DeploymentStatus,
  StatusSchema,
} from "../../idl/apps.ts";
import { writeSubstate } from "../../values/app-fields.ts";
import type { AppCondition, AppState } from "../apps/app-runtime.ts";
import { toEnrichedIdentity } from "../auth/enriched-identity.ts";
import type { AppRow } from "../store/apps.ts";
import type { Database } from "../store/database.ts";
import { findUser } from "../store/identities.ts";
import type { AppServiceOptions } from "./find-app.ts";

/** How an app is doing, as `flyteidl2.app.Status`. */
export function toAppStatus(
  { database, routes }: AppServiceOptions,
  row: AppRow,
  desired: Spec_DesiredState,
  state: AppState | undefined,
): Status {
  const conditions = toldConditions(row, desired, state);
  const isStopped = conditions.at(-1)?.status === Status_DeploymentStatus.STOPPED;
  const ingress = { publicUrl: routes.publicUrl(row), cnameUrl: routes.customUrl(row) ?? "" };
  return create(StatusSchema, {
    assignedCluster: "devbox",
    currentReplicas: state?.currentReplicas ?? 0,
    ...(isStopped ? {} : { ingress }),
    createdAt: timestampFromMs(row.created_at),
    lastUpdatedAt: timestampFromMs(row.updated_at),
    conditions: conditions.map((condition) => toCondition(database, row, condition)),
  });
}

/**
 * The runtime follows what is stored. Until it does, an app that is to run is told neither as stopped
 * nor as what the revision before was.
 */
export function toldConditions(
  row: Pick<AppRow, "revision" | "updated_at">,
  desired: Spec_DesiredState,
  state: AppState | undefined,
): readonly AppCondition[] {
  const told = state?.conditions ?? [];
  const last = told.at(-1);
  const isToStop = desired === Spec_DesiredState.STOPPED;
  if (last !== undefined) {
    const isOld = last.revision < row.revision || isDown(last.status);
    if (isToStop || !isOld) return told;
  }
  const now = {
    time: new Date(row.updated_at),
    status: isToStop ? Status_DeploymentStatus.STOPPED : Status_DeploymentStatus.PENDING,
    substate: 0,
    message: isToStop ? "Stopped." : `Revision ${row.revision} is about to start.`,
    revision: row.revision,
  };
  return [...told, now];
}

function isDown(status: Status_DeploymentStatus): boolean {
  return (
    status === Status_DeploymentStatus.STOPPED || status === Status_DeploymentStatus.UNASSIGNED
  );
}

/** A condition that the last change led to names who made it; that of a stopped app also says why. */
function toCondition(
  database: Database,
  row: AppRow,
  { time, status, substate, message, revision }: AppCondition,
): Condition {
  const isOfLastChange = revision === row.revision;
  const actor = isOfLastChange ? findUser(database, row.changed_by) : undefined;
  const isExplained = isOfLastChange && status === Status_DeploymentStatus.STOPPED;
  const condition = create(ConditionSchema, {
    lastTransitionTime: timestampFromDate(time),
    deploymentStatus: status,
    message: isExplained ? `${message} ${row.reason}`.trim() : message,
    revision: BigInt(revision),
    ...(actor === undefined ? {} : { actor: toEnrichedIdentity(actor) }),
  });
  return writeSubstate(condition, substate);
}
