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
  /** A `flyteidl2.app.App` message without status, as bytes, with fields this version does not know. */
  readonly app: Uint8Array;
  /** Why it was changed last. */
  readonly reason: string;
  /** Subject of who changed it last. */
  readonly changed_by: string;
  readonly created_at: number;
  readonly updated_at: number;
}

const columns =
  "id, project, domain, name, revision, app, reason, changed_by, created_at, updated_at";

/** All apps, in the order in which they were made. */
export function listAllApps(database: Database): AppRow[] {
  return database.prepare<AppRow>(`SELECT ${columns} FROM apps ORDER BY id`).all();
}

export function findApp(database: Database, { project, domain, name }: AppKey): AppRow | undefined {
  return database
    .prepare<AppRow>(`SELECT ${columns} FROM apps WHERE project = ? AND domain = ? AND name = ?`)
    .get(project, domain, name);
}
