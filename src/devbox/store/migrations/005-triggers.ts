import type { Migration } from "../migrations.ts";

/**
 * Triggers by task, also deleted ones, and what each of their revisions was. What is due is found in
 * O(log n + result). Messages are bytes of `flyteidl2.trigger.TriggerSpec`,
 * `flyteidl2.task.TriggerAutomationSpec` and `flyteidl2.trigger.TriggerDetails`.
 */
export const triggers: Migration = {
  id: 5,
  name: "triggers",
  sql: `
    CREATE TABLE triggers (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      project TEXT NOT NULL,
      domain TEXT NOT NULL,
      task_name TEXT NOT NULL,
      name TEXT NOT NULL,
      revision INTEGER NOT NULL,
      spec BLOB NOT NULL,
      automation BLOB NOT NULL,
      automation_type INTEGER NOT NULL,
      task_version TEXT NOT NULL,
      active INTEGER NOT NULL,
      deployed_by TEXT NOT NULL,
      updated_by TEXT NOT NULL,
      deployed_at INTEGER NOT NULL,
      updated_at INTEGER NOT NULL,
      triggered_at INTEGER,
      deleted_at INTEGER,
      next_fire INTEGER,
      UNIQUE (project, domain, task_name, name)
    ) STRICT;
    CREATE INDEX triggers_due ON triggers (next_fire) WHERE next_fire IS NOT NULL;
    CREATE TABLE trigger_revisions (
      trigger_id INTEGER NOT NULL REFERENCES triggers (id),
      revision INTEGER NOT NULL,
      action INTEGER NOT NULL,
      changed_by TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      details BLOB NOT NULL,
      PRIMARY KEY (trigger_id, revision)
    ) STRICT, WITHOUT ROWID;
    ALTER TABLE actions ADD COLUMN trigger_id INTEGER REFERENCES triggers (id);
    ALTER TABLE actions ADD COLUMN trigger_revision INTEGER;
    CREATE INDEX actions_of_trigger ON actions (trigger_id, created_at) WHERE trigger_id IS NOT NULL;
  `,
};
