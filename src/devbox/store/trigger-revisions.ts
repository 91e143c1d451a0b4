import type { Database } from "./database.ts";
import type { ListColumn, ListQuery } from "./list-query.ts";

/** What a trigger was from one of its revisions on. */
export interface TriggerRevisionRow {
  readonly trigger_id: number;
  readonly revision: number;
  /** Number of `flyteidl2.trigger.TriggerRevisionAction`. */
  readonly action: number;
  readonly changed_by: string;
  readonly created_at: number;
  /** A `flyteidl2.trigger.TriggerDetails`, as bytes. */
  readonly details: Uint8Array;
}

/** What GetTriggerRevisionHistory may be filtered and sorted by. */
export const revisionColumns: Readonly<Record<string, ListColumn>> = {
  revision: { sql: "revision", type: "integer" },
  action: { sql: "action", type: "integer" },
  created_at: { sql: "created_at", type: "time" },
};

const columns = "trigger_id, revision, action, changed_by, created_at, details";

export function insertTriggerRevision(database: Database, row: TriggerRevisionRow): void {
  database
    .prepare(`INSERT INTO trigger_revisions (${columns}) VALUES (?, ?, ?, ?, ?, ?)`)
    .run(row.trigger_id, row.revision, row.action, row.changed_by, row.created_at, row.details);
}

export function findTriggerRevision(
  database: Database,
  triggerId: number,
  revision: number,
): TriggerRevisionRow | undefined {
  return database
    .prepare<TriggerRevisionRow>(
      `SELECT ${columns} FROM trigger_revisions WHERE trigger_id = ? AND revision = ?`,
    )
    .get(triggerId, revision);
}

/** One more than a page. */
export function listTriggerRevisions(
  database: Database,
  triggerId: number,
  query: ListQuery,
): TriggerRevisionRow[] {
  return database
    .prepare<TriggerRevisionRow>(
      `SELECT ${columns} FROM trigger_revisions WHERE trigger_id = ? AND (${query.where})
       ORDER BY ${query.orderBy} LIMIT ? OFFSET ?`,
    )
    .all(triggerId, ...query.parameters, query.limit + 1, query.offset);
}
