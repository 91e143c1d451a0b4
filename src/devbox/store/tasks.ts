import type { Database, SqlValue } from "./database.ts";
import type { ListColumn, ListQuery } from "./list-query.ts";

/** One version of a task; its spec is kept apart, by digest. */
export interface TaskRow {
  readonly project: string;
  readonly domain: string;
  readonly name: string;
  readonly version: string;
  readonly environment: string;
  readonly function_name: string;
  /** Subject of the user who deployed it last. */
  readonly deployed_by: string;
  readonly env_description: string;
  readonly short_description: string;
  readonly spec_digest: string;
  readonly created_at: number;
  readonly updated_at: number;
}

/** Project and domain that a caller may read. */
export interface Scope {
  readonly project: string;
  readonly domain: string;
}

/** The triggers of a task, those that are deleted aside. */
const ofTask = `triggers WHERE triggers.project = tasks.project AND triggers.domain = tasks.domain
  AND triggers.task_name = tasks.name AND triggers.deleted_at IS NULL`;

/** What ListTasks may be filtered and sorted by. */
export const taskColumns: Readonly<Record<string, ListColumn>> = {
  project: { sql: "project", type: "text" },
  domain: { sql: "domain", type: "text" },
  name: { sql: "name", type: "text" },
  version: { sql: "version", type: "text" },
  environment: { sql: "environment", type: "text" },
  function_name: { sql: "function_name", type: "text" },
  deployed_by: { sql: "deployed_by", type: "text" },
  created_at: { sql: "created_at", type: "time" },
  updated_at: { sql: "updated_at", type: "time" },
  trigger_name: {
    sql: `(SELECT coalesce(min(triggers.name), '') FROM ${ofTask})`,
    type: "text",
  },
  total_triggers: { sql: `(SELECT count(*) FROM ${ofTask})`, type: "integer" },
  active_triggers: {
    sql: `(SELECT count(*) FROM ${ofTask} AND triggers.active = 1)`,
    type: "integer",
  },
  env_description: { sql: "env_description", type: "text" },
  short_description: { sql: "short_description", type: "text" },
};

/** What ListVersions may be filtered and sorted by. */
export const versionColumns: Readonly<Record<string, ListColumn>> = {
  version: { sql: "version", type: "text" },
  created_at: { sql: "created_at", type: "time" },
};

const fields = `project, domain, name, version, environment, function_name, deployed_by,
  env_description, short_description, spec_digest, created_at, updated_at`;

/** Keeps a task's spec under its digest; the same spec is kept once. */
export function insertTaskSpec(database: Database, digest: string, spec: Uint8Array): void {
  database
    .prepare("INSERT INTO task_specs (digest, spec) VALUES (?, ?) ON CONFLICT DO NOTHING")
    .run(digest, spec);
}

/** The bytes of a `flyteidl2.task.TaskSpec`. */
export function findTaskSpec(database: Database, digest: string): Uint8Array | undefined {
  return database
    .prepare<{ spec: Uint8Array }>("SELECT spec FROM task_specs WHERE digest = ?")
    .get(digest)?.spec;
}

/** Inserts the version, or replaces all but its first deploy time. The spec must be there. */
export function upsertTask(database: Database, row: TaskRow): void {
  database
    .prepare(
      `INSERT INTO tasks (${fields}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (project, domain, name, version) DO UPDATE SET
         environment = excluded.environment, function_name = excluded.function_name,
         deployed_by = excluded.deployed_by, env_description = excluded.env_description,
         short_description = excluded.short_description, spec_digest = excluded.spec_digest,
         updated_at = excluded.updated_at`,
    )
    .run(
      row.project,
      row.domain,
      row.name,
      row.version,
      row.environment,
      row.function_name,
      row.deployed_by,
      row.env_description,
      row.short_description,
      row.spec_digest,
      row.created_at,
      row.updated_at,
    );
}

/** One version, exactly named. */
export function findTask(
  database: Database,
  id: Pick<TaskRow, "project" | "domain" | "name" | "version">,
): TaskRow | undefined {
  return database
    .prepare<TaskRow>(
      `SELECT ${fields} FROM tasks
       WHERE project = ? AND domain = ? AND name = ? AND version = ?`,
    )
    .get(id.project, id.domain, id.name, id.version);
}

/** Every project and domain that has a task. */
export function taskScopes(database: Database): Scope[] {
  return database.prepare<Scope>("SELECT DISTINCT project, domain FROM tasks").all().map(copyScope);
}

function copyScope({ project, domain }: Scope): Scope {
  return { project, domain };
}

/** A page of tasks. */
export interface TaskList {
  readonly rows: readonly TaskRow[];
  readonly token: string;
  /** Tasks in scope, whatever the filters. */
  readonly total: number;
  /** Tasks in scope that have a version the filters let through. */
  readonly filteredTotal: number;
}

/** Each task once, as its newest version that the filters let through. */
export function listTasks(
  database: Database,
  scopes: readonly Scope[],
  query: ListQuery,
): TaskList {
  const scope = scopeCondition(scopes);
  const where = `${scope.sql} AND (${query.where})`;
  const found = database
    .prepare<TaskRow>(
      `SELECT ${fields} FROM (
         SELECT *, row_number() OVER (
           PARTITION BY project, domain, name ORDER BY created_at DESC, id DESC
         ) AS place FROM tasks WHERE ${where}
       ) AS tasks WHERE place = 1 ORDER BY ${query.orderBy} LIMIT ? OFFSET ?`,
    )
    .all(...scope.parameters, ...query.parameters, query.limit + 1, query.offset);
  const { rows, token } = query.page(found);
  return {
    rows,
    token,
    total: countTasks(database, scope.sql, scope.parameters),
    filteredTotal: countTasks(database, where, [...scope.parameters, ...query.parameters]),
  };
}

function countTasks(database: Database, where: string, parameters: readonly SqlValue[]): number {
  const row = database
    .prepare<{ count: number }>(
      `SELECT count(*) AS count FROM (SELECT DISTINCT project, domain, name FROM tasks WHERE ${where})`,
    )
    .get(...parameters);
  return row?.count ?? 0;
}

/** One more than a page at most. */
export function listVersions(
  database: Database,
  id: Pick<TaskRow, "project" | "domain" | "name">,
  query: ListQuery,
): Pick<TaskRow, "version" | "created_at">[] {
  return database
    .prepare<Pick<TaskRow, "version" | "created_at">>(
      `SELECT version, created_at FROM tasks
       WHERE project = ? AND domain = ? AND name = ? AND (${query.where})
       ORDER BY ${query.orderBy} LIMIT ? OFFSET ?`,
    )
    .all(id.project, id.domain, id.name, ...query.parameters, query.limit + 1, query.offset);
}

/** Rows of these scopes alone; of no scope, none. */
export function scopeCondition(scopes: readonly Scope[]): {
  readonly sql: string;
  readonly parameters: readonly SqlValue[];
} {
  const [only, ...others] = scopes;
  if (only === undefined) return { sql: "0", parameters: [] };
  if (others.length === 0) {
    // Only a plain comparison lets an index give the order.
    return { sql: "project = ? AND domain = ?", parameters: [only.project, only.domain] };
  }
  return {
    sql: `(project, domain) IN (VALUES ${scopes.map(() => "(?, ?)").join(", ")})`,
    parameters: scopes.flatMap(({ project, domain }) => [project, domain]),
  };
}
