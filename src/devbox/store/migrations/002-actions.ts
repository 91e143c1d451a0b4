import type { Migration } from "../migrations.ts";

/**
 * Phases are numbers of `flyteidl2.common.ActionPhase`. The action `a0`, without a parent, is
 * its run. One action, or the actions of a run, are found in O(log n), open ones in O(log n + result).
 */
export const actions: Migration = {
  id: 2,
  name: "actions",
  sql: `
    CREATE TABLE actions (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      project TEXT NOT NULL,
      domain TEXT NOT NULL,
      run TEXT NOT NULL,
      name TEXT NOT NULL,
      parent TEXT,
      phase INTEGER NOT NULL,
      attempts INTEGER NOT NULL,
      user_failures INTEGER NOT NULL,
      system_failures INTEGER NOT NULL,
      task_project TEXT NOT NULL,
      task_domain TEXT NOT NULL,
      task_name TEXT NOT NULL,
      task_version TEXT NOT NULL,
      task_type TEXT NOT NULL,
      environment TEXT NOT NULL,
      function_name TEXT NOT NULL,
      spec_digest TEXT NOT NULL REFERENCES task_specs (digest),
      run_spec BLOB NOT NULL,
      inputs_uri TEXT NOT NULL,
      run_base TEXT NOT NULL,
      source INTEGER NOT NULL,
      owner TEXT NOT NULL,
      abort_reason TEXT,
      aborted_by TEXT,
      created_at INTEGER NOT NULL,
      updated_at INTEGER NOT NULL,
      ended_at INTEGER,
      UNIQUE (project, domain, run, name)
    ) STRICT;
    CREATE INDEX runs_by_phase
      ON actions (project, domain, phase, created_at DESC, run DESC, name DESC) WHERE parent IS NULL;
    CREATE INDEX runs_by_time ON actions (project, domain, created_at) WHERE parent IS NULL;
    CREATE INDEX actions_of_task ON actions (task_project, task_domain, task_name, created_at DESC);
    CREATE INDEX actions_open ON actions (id) WHERE phase NOT IN (5, 6, 7, 8, 10);

    CREATE TABLE action_events (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      action_id INTEGER NOT NULL REFERENCES actions (id) ON DELETE CASCADE,
      attempt INTEGER NOT NULL,
      phase INTEGER NOT NULL,
      time INTEGER NOT NULL,
      error_code TEXT,
      error_message TEXT,
      error_kind TEXT,
      outputs_uri TEXT
    ) STRICT;
    CREATE INDEX action_events_of ON action_events (action_id, id);
  `,
};
