import type { Migration } from "../migrations.ts";

/**
 * What builds have produced, read from their inputs and outputs once they have succeeded. Nothing else is
 * known of images: a row can be made again from its run at any time.
 */
export const images: Migration = {
  id: 7,
  name: "images",
  sql: `
    CREATE TABLE images (
      action_id INTEGER PRIMARY KEY REFERENCES actions (id) ON DELETE CASCADE,
      project TEXT NOT NULL,
      domain TEXT NOT NULL,
      name TEXT,
      fqin TEXT
    ) STRICT;
    CREATE INDEX images_by_name ON images (project, domain, name, action_id);
    CREATE INDEX actions_that_build ON actions (project, domain, phase, id)
      WHERE parent IS NULL AND task_project = 'system' AND task_name = 'build-image';
  `,
};
