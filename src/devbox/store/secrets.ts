import type { Database } from "./database.ts";

/** Where a secret holds: an empty project means each, an empty domain too. */
export interface SecretScope {
  readonly project: string;
  readonly domain: string;
}

/** What names a secret. */
export interface SecretKey extends SecretScope {
  readonly name: string;
}

/** A secret as it is kept: its value is encrypted. */
export interface SecretRow extends SecretKey {
  /** Number of `flyteidl2.secret.SecretType`. */
  readonly type: number;
  readonly sealed: Uint8Array;
  readonly created_at: number;
  readonly updated_at: number;
}

const columns = "project, domain, name, type, sealed, created_at, updated_at";

/** Whether it is new; an existing one is left as it is. */
export function insertSecret(database: Database, secret: SecretRow): boolean {
  const { project, domain, name, type, sealed, created_at, updated_at } = secret;
  const { changes } = database
    .prepare(`INSERT INTO secrets (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`)
    .run(project, domain, name, type, sealed, created_at, updated_at);
  return changes > 0;
}

/** Replaces type and value; false when there is no such secret. */
export function updateSecret(
  database: Database,
  { project, domain, name, type, sealed, updated_at }: Omit<SecretRow, "created_at">,
): boolean {
  const { changes } = database
    .prepare(
      `UPDATE secrets SET type = ?, sealed = ?, updated_at = ?
       WHERE project = ? AND domain = ? AND name = ?`,
    )
    .run(type, sealed, updated_at, project, domain, name);
  return changes > 0;
}

/** The secret of exactly this scope. */
export function findSecret(
  database: Database,
  { project, domain, name }: SecretKey,
): SecretRow | undefined {
  return database
    .prepare<SecretRow>(
      `SELECT ${columns} FROM secrets WHERE project = ? AND domain = ? AND name = ?`,
    )
    .get(project, domain, name);
}

/** The secrets of exactly this scope whose name comes after `after`, by name. */
export function listSecrets(
  database: Database,
  { project, domain }: SecretScope,
  page: { readonly after: string; readonly limit: number },
): SecretRow[] {
  return database
    .prepare<SecretRow>(
      `SELECT ${columns} FROM secrets
       WHERE project = ? AND domain = ? AND name > ? ORDER BY name LIMIT ?`,
    )
    .all(project, domain, page.after, page.limit);
}

/** False when there is no such secret. */
export function deleteSecret(database: Database, { project, domain, name }: SecretKey): boolean {
  const { changes } = database
    .prepare("DELETE FROM secrets WHERE project = ? AND domain = ? AND name = ?")
    .run(project, domain, name);
  return changes > 0;
}
