import { fromPhase } from "../../values/phases.ts";
import type { HistoryEvent } from "../engine/action-state.ts";
import type { Database } from "./database.ts";

/** One line of an action's history; never changed. */
export interface ActionEventRow {
  readonly attempt: number;
  /** How often the attempt had to begin again. */
  readonly version: number;
  /** Number of `flyteidl2.common.ActionPhase`. */
  readonly phase: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly error_code: string | null;
  readonly error_kind: "user" | "system" | null;
  readonly error_message: string | null;
  readonly outputs_uri: string | null;
}

/** Adds to the history; the same event again changes nothing. */
export function insertActionEvent(
  database: Database,
  actionId: number,
  { attempt, version, phase, error, outputsUri, time }: HistoryEvent & { readonly time?: number },
  now: number,
): void {
  database
    .prepare(
      `INSERT INTO action_events (action_id, attempt, version, phase, time,
         error_code, error_kind, error_message, outputs_uri)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    )
    .run(
      ...[actionId, attempt, version, fromPhase(phase), time ?? now],
      ...[error?.code ?? null, error?.kind ?? null, error?.message ?? null, outputsUri ?? null],
    );
}

/** An action's history in order; O(log n + result). */
export function listActionEvents(database: Database, actionId: number): ActionEventRow[] {
  return database
    .prepare<ActionEventRow>(
      `SELECT attempt, version, phase, time, error_code, error_kind, error_message, outputs_uri
       FROM action_events WHERE action_id = ? ORDER BY attempt, version, phase`,
    )
    .all(actionId);
}
