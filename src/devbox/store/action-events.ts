import type { AttemptError } from "../executor/executor.ts";
import type { Database } from "./database.ts";

/** Something that happened to an attempt; never changed. */
export interface ActionEventRow {
  readonly attempt: number;
  /** Number of `flyteidl2.common.ActionPhase`. */
  readonly phase: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly error_code: string | null;
  readonly error_message: string | null;
  readonly error_kind: AttemptError["kind"] | null;
  readonly outputs_uri: string | null;
}

export interface NewActionEvent {
  readonly attempt: number;
  readonly phase: number;
  readonly time: number;
  readonly error?: AttemptError | undefined;
  readonly outputsUri?: string | undefined;
}

/** Adds to the history of an action. */
export function insertActionEvent(
  database: Database,
  actionId: number,
  { attempt, phase, time, error, outputsUri }: NewActionEvent,
): void {
  database
    .prepare(
      `INSERT INTO action_events
         (action_id, attempt, phase, time, error_code, error_message, error_kind, outputs_uri)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      actionId,
      attempt,
      phase,
      time,
      error?.code ?? null,
      error?.message ?? null,
      error?.kind ?? null,
      outputsUri ?? null,
    );
}

/** All events of an action, the oldest first. */
export function listActionEvents(database: Database, actionId: number): ActionEventRow[] {
  return database
    .prepare<ActionEventRow>(
      `SELECT attempt, phase, time, error_code, error_message, error_kind, outputs_uri
       FROM action_events WHERE action_id = ? ORDER BY id`,
    )
    .all(actionId);
}

/** Where the outputs of a succeeded action are. */
export function findOutputsUri(database: Database, actionId: number): string | undefined {
  const row = database
    .prepare<{ outputs_uri: string }>(
      `SELECT outputs_uri FROM action_events
       WHERE action_id = ? AND outputs_uri IS NOT NULL ORDER BY id DESC LIMIT 1`,
    )
    .get(actionId);
  return row?.outputs_uri;
}
