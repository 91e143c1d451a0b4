import { ActionType } from "../../idl/runs.ts";
import { fromPhase } from "../../values/phases.ts";
import type { Database } from "./database.ts";

/** One action; a run is the action without a parent. Times are milliseconds since 1970. */
export interface ActionRow {
  readonly id: number;
  readonly project: string;
  readonly domain: string;
  readonly run: string;
  readonly name: string;
  readonly parent: string | null;
  /** Number of `flyteidl2.workflow.ActionType`. */
  readonly type: number;
  /** What the parent has grouped it under; empty for none. */
  readonly action_group: string;
  /** Number of `flyteidl2.common.ActionPhase`. */
  readonly phase: number;
  /** The attempt that runs or ran last; 0 before the first. */
  readonly attempts: number;
  /** Attempts that failed by the task's own fault. */
  readonly user_failures: number;
  /** Failures in a row that were not the task's fault. */
  readonly system_failures: number;
  readonly task_project: string;
  readonly task_domain: string;
  readonly task_name: string;
  readonly task_version: string;
  readonly task_type: string;
  readonly environment: string;
  readonly function_name: string;
  readonly spec_digest: string;
  /** Bytes of a `flyteidl2.task.RunSpec`. */
  readonly run_spec: Uint8Array;
  readonly inputs_uri: string;
  readonly run_base: string;
  readonly source: number;
  /** Subject of the caller who started the run. */
  readonly owner: string;
  /** The trigger that started the run, and its revision. */
  readonly trigger_id: number | null;
  readonly trigger_revision: number | null;
  /** When the trigger was due; null for a run that was started on demand. */
  readonly due_at: number | null;
  readonly abort_reason: string | null;
  readonly aborted_by: string | null;
  readonly created_at: number;
  readonly updated_at: number;
  readonly ended_at: number | null;
}

/** What names an action. */
export type ActionKey = Pick<ActionRow, "project" | "domain" | "run" | "name">;

/** The action that stands for its run. */
export const rootAction = "a0";

/** What a new action is stored with; the rest begins empty. */
export type NewAction = Omit<
  ActionRow,
  | "id"
  | "type"
  | "action_group"
  | "attempts"
  | "user_failures"
  | "system_failures"
  | "trigger_id"
  | "trigger_revision"
  | "due_at"
  | "abort_reason"
  | "aborted_by"
  | "updated_at"
  | "ended_at"
> &
  /** A task without a group, unless it says otherwise. */
  Partial<Pick<ActionRow, "type" | "action_group" | "trigger_id" | "trigger_revision" | "due_at">>;

const terminalPhases = (["succeeded", "failed", "aborted", "timed_out", "recovered"] as const)
  .map(fromPhase)
  .join(", ");

/** A condition that holds for actions that have not ended. */
export const isOpen: string = `phase NOT IN (${terminalPhases})`;

/**
 * Stores a new action and returns its row. A name that exists keeps its action, which is returned
 * instead: the control plane's own rule for a run that is created twice.
 */
export function insertAction(
  database: Database,
  action: NewAction,
): { readonly row: ActionRow; readonly created: boolean } {
  const { changes } = database
    .prepare(
      `INSERT INTO actions (project, domain, run, name, parent, phase, attempts, user_failures,
         system_failures, task_project, task_domain, task_name, task_version, task_type, environment,
         function_name, spec_digest, run_spec, inputs_uri, run_base, source, owner, trigger_id,
         trigger_revision, created_at, updated_at, type, action_group, due_at)
       VALUES (?, ?, ?, ?, ?, ?, 0, 0, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (project, domain, run, name) DO NOTHING`,
    )
    .run(
      action.project,
      action.domain,
      action.run,
      action.name,
      action.parent,
      action.phase,
      action.task_project,
      action.task_domain,
      action.task_name,
      action.task_version,
      action.task_type,
      action.environment,
      action.function_name,
      action.spec_digest,
      action.run_spec,
      action.inputs_uri,
      action.run_base,
      action.source,
      action.owner,
      action.trigger_id ?? null,
      action.trigger_revision ?? null,
      action.created_at,
      action.created_at,
      action.type ?? ActionType.TASK,
      action.action_group ?? "",
      action.due_at ?? null,
    );
  const row = findAction(database, action);
  if (row === undefined) throw new Error("an action is gone right after it was stored");
  return { row, created: changes === 1 };
}

/** The action of this name. */
export function findAction(database: Database, key: ActionKey): ActionRow | undefined {
  return database
    .prepare<ActionRow>(
      "SELECT * FROM actions WHERE project = ? AND domain = ? AND run = ? AND name = ?",
    )
    .get(key.project, key.domain, key.run, key.name);
}

/** The action with this row number. */
export function findActionById(database: Database, id: number): ActionRow | undefined {
  return database.prepare<ActionRow>("SELECT * FROM actions WHERE id = ?").get(id);
}

/**
 * What is below an action and has not ended, at any depth, the oldest first.
 */
export function findOpenDescendants(database: Database, of: ActionKey): ActionRow[] {
  return database
    .prepare<ActionRow>(
      `WITH RECURSIVE below (name) AS (
         SELECT ?4
         UNION
         SELECT actions.name FROM actions JOIN below ON actions.parent = below.name
         WHERE actions.project = ?1 AND actions.domain = ?2 AND actions.run = ?3
       )
       SELECT * FROM actions
       WHERE project = ?1 AND domain = ?2 AND run = ?3 AND name IN (SELECT name FROM below)
         AND name <> ?4 AND ${isOpen}
       ORDER BY id`,
    )
    .all(of.project, of.domain, of.run, of.name);
}

/** The actions right below one, the oldest first. */
export function findChildren(database: Database, of: ActionKey): ActionRow[] {
  return database
    .prepare<ActionRow>(
      `SELECT * FROM actions WHERE project = ? AND domain = ? AND run = ? AND parent = ?
       ORDER BY id`,
    )
    .all(of.project, of.domain, of.run, of.name);
}

/** Actions that have not ended, in the order they were created. Costs as many rows as there are. */
export function findOpenActions(database: Database): ActionRow[] {
  return database.prepare<ActionRow>(`SELECT * FROM actions WHERE ${isOpen} ORDER BY id`).all();
}

/** The fields a change of state may write. */
export type ActionChange = Partial<
  Pick<
    ActionRow,
    | "phase"
    | "attempts"
    | "user_failures"
    | "system_failures"
    | "abort_reason"
    | "aborted_by"
    | "ended_at"
  >
>;

/**
 * Writes a change of state, unless the action has ended: an end is written once and stays.
 *
 * @returns whether it was written
 */
export function updateOpenAction(
  database: Database,
  id: number,
  change: ActionChange,
  now: number,
): boolean {
  const entries = Object.entries(change).filter(([, value]) => value !== undefined);
  const columns = entries.map(([column]) => `${column} = ?`).join(", ");
  const { changes } = database
    .prepare(`UPDATE actions SET ${columns}, updated_at = ? WHERE id = ? AND ${isOpen}`)
    .run(...entries.map(([, value]) => value), now, id);
  return changes === 1;
}
