import { type AppRow, appFields } from "./apps.ts";
import type { Database, SqlValue } from "./database.ts";
import type { ListColumn, ListQuery } from "./list-query.ts";
import { type Scope, scopeCondition } from "./tasks.ts";

/** What lists of apps may be filtered by, beside their state. */
export const appColumns: Readonly<Record<string, ListColumn>> = {
  project: { sql: "project", type: "text" },
  domain: { sql: "domain", type: "text" },
  name: { sql: "name", type: "text" },
  created_by: { sql: "created_by", type: "text" },
  created_at: { sql: "created_at", type: "time" },
  updated_at: { sql: "updated_at", type: "time" },
};

/** How apps are sorted: by what never changes, so that a place in a list stays one. */
export interface AppOrder {
  readonly column: "name" | "created_at";
  readonly isDescending: boolean;
}

/** A place in a list: behind the app with this value and id. */
export interface AppPlace {
  readonly value: string | number;
  readonly id: number;
}

/** Every project and domain that has an app. */
export function appScopes(database: Database): Scope[] {
  return database
    .prepare<Scope>("SELECT DISTINCT project, domain FROM apps")
    .all()
    .map(({ project, domain }) => ({ project, domain }));
}

/** Which apps are listed, and in which order. */
export interface AppSelection {
  readonly scopes: readonly Scope[];
  readonly filters: Pick<ListQuery, "where" | "parameters">;
  readonly order: AppOrder;
}

/**
 * At most `limit` apps behind a place. Of one scope it costs O(log n + result) without filters;
 * otherwise all matching apps are sorted.
 */
export function selectApps(
  database: Database,
  { scopes, filters, order }: AppSelection,
  after: AppPlace | undefined,
  limit: number,
): AppRow[] {
  const scope = scopeCondition(scopes);
  const { column } = order;
  const [direction, isBehind] = order.isDescending ? ["DESC", "<"] : ["ASC", ">"];
  const behind: readonly SqlValue[] = after === undefined ? [] : [after.value, after.id];
  const place = after === undefined ? "1" : `(${column}, id) ${isBehind} (?, ?)`;
  return database
    .prepare<AppRow>(
      `SELECT ${appFields} FROM apps WHERE ${scope.sql} AND (${filters.where}) AND ${place}
       ORDER BY ${column} ${direction}, id ${direction} LIMIT ?`,
    )
    .all(...scope.parameters, ...filters.parameters, ...behind, limit);
}
