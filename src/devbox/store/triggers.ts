import type { Database } from "./database.ts";
import type { ListColumn, ListQuery } from "./list-query.ts";
import { type Scope, scopeCondition } from "./tasks.ts";

/** What names a trigger. */
export interface TriggerKey extends Scope {
  readonly task_name: string;
  readonly name: string;
}

/** A trigger as it is now; a deleted one stays, so that its revisions go on. */
export interface TriggerRow extends TriggerKey {
  readonly id: number;
  /** From 1; one more with each deployment, switch and deletion. */
  readonly revision: number;
  /** A `flyteidl2.trigger.TriggerSpec`, as bytes. */
  readonly spec: Uint8Array;
  /** A `flyteidl2.task.TriggerAutomationSpec`, as bytes. */
  readonly automation: Uint8Array;
  /** Number of `flyteidl2.task.TriggerAutomationSpecType`. */
  readonly automation_type: number;
  readonly task_version: string;
  /** 1 when it fires. */
  readonly active: number;
  readonly deployed_by: string;
  /** Whoever deployed or switched it last: its runs are theirs. */
  readonly updated_by: string;
  readonly deployed_at: number;
  /** When it was deployed or switched last: intervals without a start count from there. */
  readonly updated_at: number;
  readonly triggered_at: number | null;
  readonly deleted_at: number | null;
  /** When it is due; null when it does not fire. */
  readonly next_fire: number | null;
}

/** What ListTriggers may be filtered and sorted by. */
export const triggerColumns: Readonly<Record<string, ListColumn>> = {
  project: { sql: "project", type: "text" },
  domain: { sql: "domain", type: "text" },
  task_name: { sql: "task_name", type: "text" },
  name: { sql: "name", type: "text" },
  active: { sql: "active", type: "integer" },
  deployed_at: { sql: "deployed_at", type: "time" },
  updated_at: { sql: "updated_at", type: "time" },
  task_version: { sql: "task_version", type: "text" },
  automation_type: { sql: "automation_type", type: "integer" },
};

const fields = `project, domain, task_name, name, revision, spec, automation, automation_type,
  task_version, active, deployed_by, updated_by, deployed_at, updated_at, triggered_at, deleted_at,
  next_fire`;
const columns = `id, ${fields}`;

export function findTrigger(
  database: Database,
  { project, domain, task_name, name }: TriggerKey,
): TriggerRow | undefined {
  return database
    .prepare<TriggerRow>(
      `SELECT ${columns} FROM triggers
       WHERE project = ? AND domain = ? AND task_name = ? AND name = ?`,
    )
    .get(project, domain, task_name, name);
}

export function findTriggerById(database: Database, id: number): TriggerRow | undefined {
  return database.prepare<TriggerRow>(`SELECT ${columns} FROM triggers WHERE id = ?`).get(id);
}

/** Those of a task that are not deleted. */
export function triggersOfTask(
  database: Database,
  { project, domain, task_name }: Omit<TriggerKey, "name">,
): TriggerRow[] {
  return database
    .prepare<TriggerRow>(
      `SELECT ${columns} FROM triggers
       WHERE project = ? AND domain = ? AND task_name = ? AND deleted_at IS NULL ORDER BY name`,
    )
    .all(project, domain, task_name);
}

/** Stores a trigger; one of the same name is replaced and keeps its id. */
export function putTrigger(database: Database, row: Omit<TriggerRow, "id">): TriggerRow {
  const names = fields.split(",").map((name) => name.trim() as keyof typeof row);
  const stored = database
    .prepare<TriggerRow>(
      `INSERT INTO triggers (${fields}) VALUES (${names.map(() => "?").join(", ")})
       ON CONFLICT DO UPDATE SET ${names.map((name) => `${name} = excluded.${name}`).join(", ")}
       RETURNING ${columns}`,
    )
    .get(...names.map((name) => row[name]));
  if (stored === undefined) throw new Error("a trigger was written and is not there");
  return stored;
}

/** Those of the scopes, or of one task of theirs, that are not deleted; one more than a page. */
export function listTriggers(
  database: Database,
  scopes: readonly Scope[],
  task: { readonly name: string; readonly version: string } | undefined,
  query: ListQuery,
): TriggerRow[] {
  const scope = scopeCondition(scopes);
  const named = Object.entries({ task_name: task?.name, task_version: task?.version || undefined });
  const given = named.filter((entry): entry is [string, string] => entry[1] !== undefined);
  const conditions = [
    "deleted_at IS NULL",
    scope.sql,
    ...given.map(([column]) => `${column} = ?`),
    `(${query.where})`,
  ];
  return database
    .prepare<TriggerRow>(
      `SELECT ${columns} FROM triggers WHERE ${conditions.join(" AND ")}
       ORDER BY ${query.orderBy} LIMIT ? OFFSET ?`,
    )
    .all(
      ...scope.parameters,
      ...given.map(([, value]) => value),
      ...query.parameters,
      query.limit + 1,
      query.offset,
    );
}

/** The scopes that have triggers. */
export function triggerScopes(database: Database): Scope[] {
  return database
    .prepare<{ project: string; domain: string }>(
      "SELECT DISTINCT project, domain FROM triggers WHERE deleted_at IS NULL",
    )
    .all();
}

/** What is due by then, the longest overdue first. */
export function dueTriggers(database: Database, by: number, limit: number): TriggerRow[] {
  return database
    .prepare<TriggerRow>(
      `SELECT ${columns} FROM triggers WHERE next_fire <= ? ORDER BY next_fire, id LIMIT ?`,
    )
    .all(by, limit);
}

/** When the next trigger is due; undefined when none is. */
export function nextDue(database: Database): number | undefined {
  const found = database
    .prepare<{ next: number | null }>("SELECT min(next_fire) AS next FROM triggers")
    .get();
  return found?.next ?? undefined;
}

/** A fire of a trigger. */
export interface Fired {
  /** When it was due. */
  readonly at: number;
  /** When the trigger is due next; undefined when it never is again. */
  readonly next: number | undefined;
}

/** Notes that a trigger has fired, unless it was changed meanwhile. False when it was. */
export function noteFired(
  database: Database,
  { id, revision }: Pick<TriggerRow, "id" | "revision">,
  { at, next }: Fired,
): boolean {
  const { changes } = database
    .prepare(
      `UPDATE triggers SET triggered_at = max(coalesce(triggered_at, 0), ?), next_fire = ?
       WHERE id = ? AND revision = ?`,
    )
    .run(at, next ?? null, id, revision);
  return changes > 0;
}

/** Goes on to the next fire without one, unless the trigger was changed meanwhile. False when it was. */
export function noteSkipped(
  database: Database,
  { id, revision }: Pick<TriggerRow, "id" | "revision">,
  next: number | undefined,
): boolean {
  const { changes } = database
    .prepare("UPDATE triggers SET next_fire = ? WHERE id = ? AND revision = ?")
    .run(next ?? null, id, revision);
  return changes > 0;
}

/** Notes that a trigger has fired on demand; its schedule goes on as it is. */
export function noteFiredOnDemand(database: Database, id: number, at: number): void {
  database
    .prepare("UPDATE triggers SET triggered_at = max(coalesce(triggered_at, 0), ?) WHERE id = ?")
    .run(at, id);
}
