import type { Database } from "./database.ts";
import { rememberRows } from "./remembered-rows.ts";

/** A user; the subject is the identity that never changes. */
export interface UserRow {
  readonly subject: string;
  readonly name: string;
  readonly email: string;
}

/** A role in a project and domain; `*` stands for each. */
export interface RoleRow {
  readonly subject: string;
  readonly project: string;
  readonly domain: string;
  readonly role: string;
}

/** An API key as it is kept: without its secret. */
export interface ApiKeyRow {
  readonly id: string;
  /** SHA-256 of the secret's bytes as printed. */
  readonly secret_hash: Uint8Array;
  readonly subject: string;
  readonly name: string;
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly revoked_at: number | null;
}

const users = rememberRows<UserRow>();
const roles = rememberRows<readonly RoleRow[]>();
const apiKeys = rememberRows<ApiKeyRow>();

const keyFields = "id, secret_hash, subject, name, created_at, expires_at, revoked_at";

/** Whether the user is new; an existing one is left as it is. */
export function insertUser(database: Database, user: UserRow, now: number): boolean {
  const { changes } = database
    .prepare(
      "INSERT INTO users (subject, name, email, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
    )
    .run(user.subject, user.name, user.email, now);
  return changes > 0;
}

/** The user of this subject. */
export function findUser(database: Database, subject: string): UserRow | undefined {
  return users.get(database, subject, () =>
    database
      .prepare<UserRow>("SELECT subject, name, email FROM users WHERE subject = ?")
      .get(subject),
  );
}

/** Gives the role, in place of the one the user has there. */
export function putRole(database: Database, role: RoleRow): void {
  roles.forget(database, role.subject);
  database
    .prepare(
      `INSERT INTO roles (subject, project, domain, role) VALUES (?, ?, ?, ?)
       ON CONFLICT (subject, project, domain) DO UPDATE SET role = excluded.role`,
    )
    .run(role.subject, role.project, role.domain, role.role);
}

/** Every role of the user. */
export function rolesOf(database: Database, subject: string): readonly RoleRow[] {
  const read = (): RoleRow[] =>
    database
      .prepare<RoleRow>("SELECT subject, project, domain, role FROM roles WHERE subject = ?")
      .all(subject);
  return roles.get(database, subject, read) ?? [];
}

/** Keeps a key; its user must be there. */
export function insertApiKey(database: Database, key: ApiKeyRow): void {
  database
    .prepare(`INSERT INTO api_keys (${keyFields}) VALUES (?, ?, ?, ?, ?, ?, ?)`)
    .run(
      key.id,
      key.secret_hash,
      key.subject,
      key.name,
      key.created_at,
      key.expires_at,
      key.revoked_at,
    );
}

/** The key of this id, also when it is revoked or has expired. */
export function findApiKey(database: Database, id: string): ApiKeyRow | undefined {
  return apiKeys.get(database, id, () =>
    database.prepare<ApiKeyRow>(`SELECT ${keyFields} FROM api_keys WHERE id = ?`).get(id),
  );
}

/** Every key that is not revoked, oldest first. */
export function listApiKeys(database: Database): ApiKeyRow[] {
  return database
    .prepare<ApiKeyRow>(
      `SELECT ${keyFields} FROM api_keys WHERE revoked_at IS NULL ORDER BY created_at, id`,
    )
    .all();
}

/** False when there is no such key; a key revoked before keeps its first time. */
export function revokeApiKey(database: Database, id: string, now: number): boolean {
  apiKeys.forget(database, id);
  const { changes } = database
    .prepare("UPDATE api_keys SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?")
    .run(now, id);
  return changes > 0;
}
