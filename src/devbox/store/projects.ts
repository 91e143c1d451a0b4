import type { Database } from "./database.ts";
import { rememberRows } from "./remembered-rows.ts";

/** A project without its domains, which are the same for all. */
export interface ProjectRow {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** A `flyteidl2.task.Labels` message, as bytes. */
  readonly labels: Uint8Array;
  /** Number of `flyteidl2.project.ProjectState`. */
  readonly state: number;
}

const projects = rememberRows<ProjectRow>();

/** Whether a new row was written; false leaves an existing project as it is. */
export function insertProject(database: Database, project: ProjectRow, now: number): boolean {
  const { changes } = database
    .prepare(
      `INSERT INTO projects (id, name, description, labels, state, created_at, updated_at)
       VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    )
    .run(project.id, project.name, project.description, project.labels, project.state, now, now);
  return changes > 0;
}

/** Replaces every field; false when there is no such project. */
export function updateProject(database: Database, project: ProjectRow, now: number): boolean {
  projects.forget(database, project.id);
  const { changes } = database
    .prepare(
      `UPDATE projects SET name = ?, description = ?, labels = ?, state = ?, updated_at = ?
       WHERE id = ?`,
    )
    .run(project.name, project.description, project.labels, project.state, now, project.id);
  return changes > 0;
}

/** The project of this id. */
export function findProject(database: Database, id: string): ProjectRow | undefined {
  const read = (): ProjectRow | undefined =>
    database
      .prepare<ProjectRow>("SELECT id, name, description, labels, state FROM projects WHERE id = ?")
      .get(id);
  return projects.get(database, id, read);
}

/** All projects by id; there are few. */
export function listProjects(database: Database): ProjectRow[] {
  return database
    .prepare<ProjectRow>("SELECT id, name, description, labels, state FROM projects ORDER BY id")
    .all();
}
