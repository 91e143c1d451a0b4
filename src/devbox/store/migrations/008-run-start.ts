import type { Migration } from "../migrations.ts";

/** When the trigger of a run was due, which is what its task takes for the start of the run. */
export const runStart: Migration = {
  id: 8,
  name: "run-start",
  sql: "ALTER TABLE actions ADD COLUMN due_at INTEGER",
};
