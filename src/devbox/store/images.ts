import type { ActionRow } from "./actions.ts";
import type { Database } from "./database.ts";
import type { Scope } from "./tasks.ts";

/** What a build that succeeded has produced. */
export interface ImageRow extends Scope {
  readonly action_id: number;
  /** `name:tag`, without a registry; null when the build does not tell it. */
  readonly name: string | null;
  /** The name that the image is pulled by. */
  readonly fqin: string | null;
}

/** Builds of a scope that have succeeded since the last ones were read. */
export function findUnreadBuilds(database: Database, { project, domain }: Scope): ActionRow[] {
  return database
    .prepare<ActionRow>(
      `SELECT * FROM actions
       WHERE project = ? AND domain = ? AND phase IN (5, 10) AND parent IS NULL
         AND task_project = 'system' AND task_name = 'build-image'
         AND NOT EXISTS (SELECT 1 FROM images WHERE images.action_id = actions.id)`,
    )
    .all(project, domain);
}

/** Keeps what a build has produced; what is kept already stays. */
export function insertImage(database: Database, image: ImageRow): void {
  database
    .prepare(
      `INSERT INTO images (action_id, project, domain, name, fqin) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO NOTHING`,
    )
    .run(image.action_id, image.project, image.domain, image.name, image.fqin);
}

/** Where the newest image of this name is that was built in the scope. */
export function findImage(
  database: Database,
  { project, domain }: Scope,
  name: string,
): string | undefined {
  return database
    .prepare<{ fqin: string }>(
      `SELECT fqin FROM images WHERE project = ? AND domain = ? AND name = ? AND fqin IS NOT NULL
       ORDER BY action_id DESC LIMIT 1`,
    )
    .get(project, domain, name)?.fqin;
}
