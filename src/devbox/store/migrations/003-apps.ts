import type { Migration } from "../migrations.ts";

/**
 * An app by project, domain and name, as the `flyteidl2.app.App` message it was stored with. One app,
 * or a page of a domain's apps by name or by time, is found in O(log n + result).
 */
export const apps: Migration = {
  id: 3,
  name: "apps",
  sql: `
    CREATE TABLE apps (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      project TEXT NOT NULL,
      domain TEXT NOT NULL,
      name TEXT NOT NULL,
      revision INTEGER NOT NULL,
      app BLOB NOT NULL,
      reason TEXT NOT NULL,
      created_by TEXT NOT NULL,
      changed_by TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      updated_at INTEGER NOT NULL,
      UNIQUE (project, domain, name)
    ) STRICT;
    CREATE INDEX apps_by_time ON apps (project, domain, created_at);
  `,
};
