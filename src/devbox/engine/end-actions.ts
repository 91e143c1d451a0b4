import { ActionType } from "../../idl/runs.ts";
import { fromPhase } from "../../values/phases.ts";
import { insertActionEvent } from "../store/action-events.ts";
import {
  type ActionRow,
  findActionById,
  findOpenDescendants,
  updateOpenAction,
} from "../store/actions.ts";
import { clearDeadline } from "../store/conditions.ts";
import type { Database } from "../store/database.ts";

/** Why actions are aborted, and by whom: a subject, or nobody where it follows from something else. */
export interface AbortCause {
  readonly reason: string;
  readonly by: string | undefined;
}

/**
 * Writes the end of an action and of all below it as aborted, and returns those it was written for:
 * what had ended stays as it was. To be called in a transaction.
 */
export function writeAborts(database: Database, row: ActionRow, cause: AbortCause): ActionRow[] {
  const below = writeAbortsBelow(database, row, cause);
  return writeAbort(database, row, cause) ? [row, ...below] : below;
}

/** The cause of actions whose parent has ended. */
export const leftBehind: AbortCause = {
  reason: "The action that started it has ended.",
  by: undefined,
};

/** The same for what is below the action alone, which itself has ended. */
export function writeAbortsBelow(
  database: Database,
  row: ActionRow,
  cause: AbortCause = leftBehind,
): ActionRow[] {
  return findOpenDescendants(database, row).filter((child) => writeAbort(database, child, cause));
}

function writeAbort(database: Database, row: ActionRow, { reason, by }: AbortCause): boolean {
  const now = Date.now();
  const phase = fromPhase("aborted");
  const aborted_by = by ?? null;
  const change = { phase, abort_reason: reason, aborted_by, ended_at: now };
  if (!updateOpenAction(database, row.id, change, now)) return false;
  if (row.type === ActionType.CONDITION) clearDeadline(database, row.id);
  const { attempts } = findActionById(database, row.id) ?? row;
  insertActionEvent(database, row.id, { attempt: Math.max(1, attempts), phase, time: now });
  return true;
}
