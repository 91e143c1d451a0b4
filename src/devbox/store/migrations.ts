import { FlyteError } from "../../shared/errors.ts";
import type { Database } from "./database.ts";
import { identitiesAndTasks } from "./migrations/001-identities-and-tasks.ts";
import { actions } from "./migrations/002-actions.ts";
import { apps } from "./migrations/003-apps.ts";
import { secrets } from "./migrations/004-secrets.ts";
import { triggers } from "./migrations/005-triggers.ts";
import { conditions } from "./migrations/006-conditions.ts";
import { images } from "./migrations/007-images.ts";
import { runStart } from "./migrations/008-run-start.ts";

/** One step of the schema. Released steps never change; a correction is a further step. */
export interface Migration {
  /** Position in the order, from 1 without gaps. */
  readonly id: number;
  readonly name: string;
  readonly sql: string;
}

/** All steps, in order. */
export const migrations: readonly Migration[] = [
  identitiesAndTasks,
  actions,
  apps,
  secrets,
  triggers,
  conditions,
  images,
  runStart,
];

/**
 * Brings the state to the newest schema, each step in a transaction of its own.
 *
 * @throws FlyteError `invalid_config` when the state was written by a newer version
 */
export function migrate(database: Database, steps: readonly Migration[] = migrations): void {
  database.execute(
    "CREATE TABLE IF NOT EXISTS schema_migrations (id INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT",
  );
  const applied =
    database.prepare<{ id: number | null }>("SELECT max(id) AS id FROM schema_migrations").get()
      ?.id ?? 0;
  const newest = steps.at(-1)?.id ?? 0;
  if (applied > newest) {
    throw new FlyteError(
      "invalid_config",
      `The state has schema ${applied} but this version knows only ${newest}; use the newer version, or another state folder.`,
    );
  }
  for (const step of steps) {
    if (step.id <= applied) continue;
    database.writeNow(() => {
      database.execute(step.sql);
      database
        .prepare("INSERT INTO schema_migrations (id, name, applied_at) VALUES (?, ?, ?)")
        .run(step.id, step.name, Date.now());
    });
  }
}
