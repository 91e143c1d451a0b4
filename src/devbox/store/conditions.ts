import type { Database } from "./database.ts";

/** What an action that waits for a person waits for. Times are milliseconds since 1970. */
export interface ConditionRow {
  readonly action_id: number;
  /** Bytes of a `flyteidl2.workflow.ConditionAction`. */
  readonly spec: Uint8Array;
  /** When it ends by itself; null while it has not to, or has ended. */
  readonly deadline: number | null;
  /** Bytes of the `flyteidl2.core.Literal` it was signalled with. */
  readonly value: Uint8Array | null;
  /** Subject of the caller who signalled it. */
  readonly signalled_by: string | null;
  readonly signalled_at: number | null;
}

/** Stores what a new action waits for. */
export function insertCondition(
  database: Database,
  condition: Pick<ConditionRow, "action_id" | "spec" | "deadline">,
): void {
  database
    .prepare("INSERT INTO conditions (action_id, spec, deadline) VALUES (?, ?, ?)")
    .run(condition.action_id, condition.spec, condition.deadline);
}

/** What this action waits for; undefined for any other kind of action. */
export function findCondition(database: Database, actionId: number): ConditionRow | undefined {
  return database
    .prepare<ConditionRow>("SELECT * FROM conditions WHERE action_id = ?")
    .get(actionId);
}

/** Writes what a condition was signalled with. */
export function writeSignal(
  database: Database,
  signal: {
    readonly [Field in Exclude<keyof ConditionRow, "spec" | "deadline">]: NonNullable<
      ConditionRow[Field]
    >;
  },
): void {
  database
    .prepare(
      `UPDATE conditions SET value = ?, signalled_by = ?, signalled_at = ?, deadline = NULL
       WHERE action_id = ?`,
    )
    .run(signal.value, signal.signalled_by, signal.signalled_at, signal.action_id);
}

/** A condition that has ended is not due any more. */
export function clearDeadline(database: Database, actionId: number): void {
  database.prepare("UPDATE conditions SET deadline = NULL WHERE action_id = ?").run(actionId);
}

/** Conditions whose time is over, the one that was due first at the front. */
export function findDueConditions(database: Database, now: number, limit: number): number[] {
  return database
    .prepare<{ action_id: number }>(
      "SELECT action_id FROM conditions WHERE deadline <= ? ORDER BY deadline LIMIT ?",
    )
    .all(now, limit)
    .map(({ action_id }) => action_id);
}

/** When the next condition is due. */
export function findNextDeadline(database: Database): number | undefined {
  return (
    database.prepare<{ at: number | null }>("SELECT min(deadline) AS at FROM conditions").get()
      ?.at ?? undefined
  );
}
