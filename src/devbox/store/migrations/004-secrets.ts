import type { Migration } from "../migrations.ts";

/**
 * Secrets by scope; an empty project or domain is a wider scope. The value is encrypted. One secret is
 * found in O(log n).
 */
export const secrets: Migration = {
  id: 4,
  name: "secrets",
  sql: `
    CREATE TABLE secrets (
      project TEXT NOT NULL,
      domain TEXT NOT NULL,
      name TEXT NOT NULL,
      type INTEGER NOT NULL,
      sealed BLOB NOT NULL,
      created_at INTEGER NOT NULL,
      updated_at INTEGER NOT NULL,
      PRIMARY KEY (project, domain, name)
    ) STRICT, WITHOUT ROWID;
  `,
};
