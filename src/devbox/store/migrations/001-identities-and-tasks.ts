import type { Migration } from "../migrations.ts";

/** Times are milliseconds since 1970; `*` in a role's project or domain means each. */
export const identitiesAndTasks: Migration = {
  id: 1,
  name: "identities-and-tasks",
  sql: `
    CREATE TABLE projects (
      id TEXT PRIMARY KEY,
      name TEXT NOT NULL,
      description TEXT NOT NULL,
      labels BLOB NOT NULL,
      state INTEGER NOT NULL,
      created_at INTEGER NOT NULL,
      updated_at INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE task_specs (
      digest TEXT PRIMARY KEY,
      spec BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE tasks (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      project TEXT NOT NULL,
      domain TEXT NOT NULL,
      name TEXT NOT NULL,
      version TEXT NOT NULL,
      environment TEXT NOT NULL,
      function_name TEXT NOT NULL,
      deployed_by TEXT NOT NULL,
      env_description TEXT NOT NULL,
      short_description TEXT NOT NULL,
      spec_digest TEXT NOT NULL REFERENCES task_specs (digest),
      created_at INTEGER NOT NULL,
      updated_at INTEGER NOT NULL,
      UNIQUE (project, domain, name, version)
    ) STRICT;
    CREATE INDEX tasks_newest ON tasks (project, domain, name, created_at DESC, id DESC);

    CREATE TABLE users (
      subject TEXT PRIMARY KEY,
      name TEXT NOT NULL,
      email TEXT NOT NULL,
      created_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE roles (
      subject TEXT NOT NULL REFERENCES users (subject) ON DELETE CASCADE,
      project TEXT NOT NULL,
      domain TEXT NOT NULL,
      role TEXT NOT NULL,
      PRIMARY KEY (subject, project, domain)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE api_keys (
      id TEXT PRIMARY KEY,
      secret_hash BLOB NOT NULL,
      subject TEXT NOT NULL REFERENCES users (subject) ON DELETE CASCADE,
      name TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      expires_at INTEGER,
      revoked_at INTEGER
    ) STRICT, WITHOUT ROWID;
  `,
};
