import type { Migration } from "../migrations.ts";

/**
 * Actions below others, and what actions that wait for a person wait for. Types are numbers of
 * `flyteidl2.workflow.ActionType`; messages are bytes of `flyteidl2.workflow.ConditionAction` and
 * `flyteidl2.core.Literal`. Open conditions with a deadline are found in O(log n + result).
 */
export const conditions: Migration = {
  id: 6,
  name: "conditions",
  sql: `
    ALTER TABLE actions ADD COLUMN type INTEGER NOT NULL DEFAULT 1;
    ALTER TABLE actions ADD COLUMN action_group TEXT NOT NULL DEFAULT '';
    CREATE INDEX actions_of_parent ON actions (project, domain, run, parent) WHERE parent IS NOT NULL;
    CREATE TABLE conditions (
      action_id INTEGER PRIMARY KEY REFERENCES actions (id) ON DELETE CASCADE,
      spec BLOB NOT NULL,
      deadline INTEGER,
      value BLOB,
      signalled_by TEXT,
      signalled_at INTEGER
    ) STRICT;
    CREATE INDEX conditions_due ON conditions (deadline) WHERE deadline IS NOT NULL;
  `,
};
