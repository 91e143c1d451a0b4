import type { ActionState, Transition } from "../engine/action-state.ts";
import { fromPhase, isTerminal, toPhase } from "../../values/phases.ts";
import { insertActionEvent } from "./action-events.ts";
import type { Database, SqlValue } from "./database.ts";

/** One action; the one without a parent stands for its run. Times are milliseconds since 1970. */
export interface ActionRow {
  readonly id: number;
  readonly project: string;
  readonly domain: string;
  readonly run: string;
  readonly name: string;
  readonly parent: string | null;
  readonly action_group: string;
  /** Number of `flyteidl2.common.ActionPhase`. */
  readonly phase: number;
  /** Number of the current attempt, from 1. */
  readonly attempts: number;
  /** Failures of the system in a row within the current attempt. */
  readonly system_failures: number;
  /** 1 while the current attempt is with the executor. */
  readonly is_started: number;
  readonly task_project: string;
  readonly task_domain: string;
  readonly task_name: string;
  readonly task_version: string;
  readonly task_type: string;
  readonly short_name: string;
  readonly environment: string;
  readonly function_name: string;
  readonly spec_digest: string;
  /** Bytes of a `flyteidl2.task.RunSpec`. */
  readonly run_spec: Uint8Array;
  /** Number of `flyteidl2.workflow.RunSource`. */
  readonly source: number;
  /** Who started the run, as it was then. */
  readonly owner_subject: string;
  readonly owner_name: string;
  readonly owner_email: string;
  /** URI of the file `inputs.pb`. */
  readonly inputs_uri: string;
  /** URI below which the run's attempts write, without a trailing slash. */
  readonly run_base: string;
  /** URI of the file `outputs.pb`, once the action has succeeded. */
  readonly outputs_uri: string | null;
  readonly abort_reason: string | null;
  /** Subject of who aborted it. */
  readonly aborted_by: string | null;
  readonly created_at: number;
  readonly updated_at: number;
  readonly ended_at: number | null;
}

/** What names an action. */
export type ActionKey = Pick<ActionRow, "project" | "domain" | "run" | "name">;

/** Name of the action that stands for its run. */
export const rootAction = "a0";

/** What is known of an action when it is created. */
export type NewAction = Omit<
  ActionRow,
  | "id"
  | "phase"
  | "attempts"
  | "system_failures"
  | "is_started"
  | "outputs_uri"
  | "abort_reason"
  | "aborted_by"
  | "updated_at"
  | "ended_at"
>;

/** Why an action was aborted. */
export interface Abort {
  readonly reason: string;
  /** Subject of the caller. */
  readonly by: string;
}

const newFields = [
  ...["project", "domain", "run", "name", "parent", "action_group"],
  ...["task_project", "task_domain", "task_name", "task_version", "task_type", "short_name"],
  ...["environment", "function_name", "spec_digest", "run_spec", "source"],
  ...["owner_subject", "owner_name", "owner_email", "inputs_uri", "run_base", "created_at"],
] as readonly (keyof NewAction)[];

const insertSql = `
  INSERT INTO actions (${newFields.join(", ")}, phase, attempts, system_failures, is_started, updated_at)
  VALUES (${newFields.map(() => "?").join(", ")}, ?, 1, 0, 0, ?)
  ON CONFLICT (project, domain, run, name) DO NOTHING RETURNING *`;

/**
 * Stores a new queued action with its first event. Undefined when there is one of this name, which
 * stays as it is.
 */
export function insertAction(database: Database, action: NewAction): ActionRow | undefined {
  const values: SqlValue[] = newFields.map((field) => action[field]);
  const phase = fromPhase("queued");
  const row = database.prepare<ActionRow>(insertSql).get(...values, phase, action.created_at);
  if (row !== undefined) {
    const event = { attempt: 1, version: 0, phase: "queued" } as const;
    insertActionEvent(database, row.id, event, action.created_at);
  }
  return row;
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

/** What a restart has to know of an action that has not ended. */
export type UnfinishedAction = ActionKey &
  Pick<ActionRow, "id" | "phase" | "attempts" | "system_failures" | "is_started">;

/** Actions that have not ended, in the order they were created; O(log n + result). */
export function findUnfinishedActions(database: Database): UnfinishedAction[] {
  return database
    .prepare<UnfinishedAction>(
      `SELECT id, project, domain, run, name, phase, attempts, system_failures, is_started
       FROM actions WHERE ended_at IS NULL ORDER BY id`,
    )
    .all();
}

/**
 * Writes where an action stands and what led there, unless it has ended: an end is written once and
 * stays.
 *
 * @returns whether it was written
 */
export function applyTransition(
  database: Database,
  id: number,
  { state, events }: Transition,
  { now, abort }: { readonly now: number; readonly abort?: Abort | undefined },
): boolean {
  const outputsUri = events.find((event) => event.outputsUri !== undefined)?.outputsUri;
  const { changes } = database
    .prepare(
      `UPDATE actions SET phase = ?, attempts = ?, system_failures = ?, is_started = ?,
         outputs_uri = ?, abort_reason = ?, aborted_by = ?, updated_at = ?, ended_at = ?
       WHERE id = ? AND ended_at IS NULL`,
    )
    .run(
      fromPhase(state.phase),
      state.attempts,
      state.systemFailures,
      state.isStarted ? 1 : 0,
      outputsUri ?? null,
      abort?.reason ?? null,
      abort?.by ?? null,
      now,
      isTerminal(state.phase) ? now : null,
      id,
    );
  if (changes === 0) return false;
  for (const event of events) insertActionEvent(database, id, event, now);
  return true;
}

/** Where a stored action stands. */
export function toActionState(row: UnfinishedAction): ActionState {
  return {
    phase: toPhase(row.phase) ?? "queued",
    attempts: row.attempts,
    systemFailures: row.system_failures,
    isStarted: row.is_started === 1,
  };
}
