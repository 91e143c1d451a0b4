import { fromPhase } from "../../values/phases.ts";
import type { ActionRow } from "./actions.ts";
import type { Database, SqlValue } from "./database.ts";
import type { ListColumn, ListQuery } from "./list-query.ts";
import { type Scope, scopeCondition } from "./tasks.ts";

const text = (sql: string): ListColumn => ({ sql, type: "text" });
const integer = (sql: string): ListColumn => ({ sql, type: "integer" });
const time = (sql: string): ListColumn => ({ sql, type: "time" });

/** What ListRuns and ListActions may be filtered and sorted by. Runs of triggers do not exist yet. */
export const actionColumns: Readonly<Record<string, ListColumn>> = {
  project: text("project"),
  domain: text("domain"),
  run_name: text("run"),
  phase: integer("phase"),
  parent_name: text("ifnull(parent, '')"),
  action_type: integer("type"),
  run_source: integer("source"),
  created_by_subject: text("owner"),
  trigger_task_name: text("lower('')"),
  trigger_name: text("lower('')"),
  trigger_revision: integer("abs(0)"),
  trigger_type: integer("abs(0)"),
  task_project: text("task_project"),
  task_domain: text("task_domain"),
  task_name: text("task_name"),
  task_version: text("task_version"),
  function_name: text("function_name"),
  created_at: time("created_at"),
  updated_at: time("updated_at"),
  ended_at: time("ended_at"),
  duration_ms: integer("(ended_at - created_at)"),
};

/** Runs that still go on first, then the newest. */
export const defaultRunOrder = "phase ASC, created_at DESC, run DESC, name DESC";
export const runTieBreak = "run ASC, name ASC";

/** Which task's runs; each part that is given has to match. */
export interface TaskCondition {
  readonly project?: string;
  readonly domain?: string;
  readonly name?: string;
  readonly version?: string;
}

/** Every project and domain that has a run; steps from one to the next, O(scopes · log n). */
export function runScopes(database: Database): Scope[] {
  return database
    .prepare<Scope>(
      `WITH RECURSIVE scopes (project, domain) AS (
         SELECT * FROM (SELECT project, domain FROM actions ORDER BY project, domain LIMIT 1)
         UNION ALL
         SELECT next.project, next.domain FROM scopes JOIN actions AS next ON next.id = (
           SELECT id FROM actions WHERE (project, domain) > (scopes.project, scopes.domain)
           ORDER BY project, domain LIMIT 1
         )
       ) SELECT project, domain FROM scopes`,
    )
    .all()
    .map(({ project, domain }) => ({ project, domain }));
}

/**
 * A page of runs, one more than fits if there are more. Of one scope, in the default order or by
 * time, it costs O(log n + offset + page); otherwise all matching runs are sorted.
 */
export function selectRuns(
  database: Database,
  scopes: readonly Scope[],
  task: TaskCondition,
  query: ListQuery,
): ActionRow[] {
  const scope = scopeCondition(scopes);
  const ofTask = taskCondition(task);
  return database
    .prepare<ActionRow>(
      `SELECT * FROM actions
       WHERE parent IS NULL AND ${scope.sql} AND ${ofTask.sql} AND (${query.where})
       ORDER BY ${query.orderBy} LIMIT ? OFFSET ?`,
    )
    .all(
      ...scope.parameters,
      ...ofTask.parameters,
      ...query.parameters,
      query.limit + 1,
      query.offset,
    );
}

const paused = `phase = ${fromPhase("paused")}`;

/** The same query for runs with an action that waits for a person. */
export function onlyPaused(query: ListQuery): ListQuery {
  const waits = `EXISTS (
    SELECT 1 FROM actions AS waiting
    WHERE waiting.project = actions.project AND waiting.domain = actions.domain
      AND waiting.run = actions.run AND waiting.${paused})`;
  return { ...query, where: `(${query.where}) AND ${waits}` };
}

/** A page of a run's actions, the oldest first unless the query says otherwise. */
export function selectActions(
  database: Database,
  run: Pick<ActionRow, "project" | "domain" | "run">,
  query: ListQuery,
): ActionRow[] {
  return database
    .prepare<ActionRow>(
      `SELECT * FROM actions WHERE project = ? AND domain = ? AND run = ? AND (${query.where})
       ORDER BY ${query.orderBy} LIMIT ? OFFSET ?`,
    )
    .all(run.project, run.domain, run.run, ...query.parameters, query.limit + 1, query.offset);
}

/** All actions of a run, the oldest first. */
export function findActionsOfRun(
  database: Database,
  run: Pick<ActionRow, "project" | "domain" | "run">,
): ActionRow[] {
  return database
    .prepare<ActionRow>(
      "SELECT * FROM actions WHERE project = ? AND domain = ? AND run = ? ORDER BY created_at, name",
    )
    .all(run.project, run.domain, run.run);
}

function taskCondition(task: TaskCondition): {
  readonly sql: string;
  readonly parameters: readonly SqlValue[];
} {
  const given = Object.entries(task).filter(([, value]) => value !== undefined && value !== "");
  return {
    sql: ["1", ...given.map(([part]) => `task_${part} = ?`)].join(" AND "),
    parameters: given.map(([, value]) => value),
  };
}
