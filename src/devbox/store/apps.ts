import type { Database } from "./database.ts";

/** What names an app. */
export interface AppKey {
  readonly project: string;
  readonly domain: string;
  readonly name: string;
}

/** An app as it is wanted; how it is doing is the runtime's to tell. */
export interface AppRow extends AppKey {
  readonly id: number;
  /** From 1; one more with each change of what is wanted. */
  readonly revision: number;
  /**
   * A `flyteidl2.app.App` message without revision and status, as deterministic bytes, with fields this
   * version does not know.
   */
  readonly app: Uint8Array;
  /** Why it was changed last; may be empty. */
  readonly reason: string;
  /** Subject of who made it. */
  readonly created_by: string;
  /** Subject of who changed it last. */
  readonly changed_by: string;
  readonly created_at: number;
  readonly updated_at: number;
}

/** The columns of an {@link AppRow}. */
export const appFields =
  "id, project, domain, name, revision, app, reason, created_by, changed_by, created_at, updated_at";

/** All apps, in the order in which they were made. */
export function listAllApps(database: Database): AppRow[] {
  return database.prepare<AppRow>(`SELECT ${appFields} FROM apps ORDER BY id`).all();
}

export function findApp(database: Database, { project, domain, name }: AppKey): AppRow | undefined {
  return database
    .prepare<AppRow>(`SELECT ${appFields} FROM apps WHERE project = ? AND domain = ? AND name = ?`)
    .get(project, domain, name);
}

/** An id is not given to a second app, even when the first is deleted. */
export function findAppById(database: Database, id: number): AppRow | undefined {
  return database.prepare<AppRow>(`SELECT ${appFields} FROM apps WHERE id = ?`).get(id);
}

/** Stores a new app. It must not be there. */
export function insertApp(database: Database, row: Omit<AppRow, "id">): AppRow {
  const id = database
    .prepare<{ id: number }>(
      `INSERT INTO apps (project, domain, name, revision, app, reason, created_by, changed_by,
         created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
    )
    .get(
      row.project,
      row.domain,
      row.name,
      row.revision,
      row.app,
      row.reason,
      row.created_by,
      row.changed_by,
      row.created_at,
      row.updated_at,
    )?.id;
  if (id === undefined) throw new Error("INSERT returned no id");
  return { ...row, id };
}

/** Replaces what is wanted of an app, with who and why. */
export function updateApp(database: Database, row: AppRow): void {
  database
    .prepare(
      "UPDATE apps SET revision = ?, app = ?, reason = ?, changed_by = ?, updated_at = ? WHERE id = ?",
    )
    .run(row.revision, row.app, row.reason, row.changed_by, row.updated_at, row.id);
}

export function deleteApp(database: Database, id: number): void {
  database.prepare("DELETE FROM apps WHERE id = ?").run(id);
}
