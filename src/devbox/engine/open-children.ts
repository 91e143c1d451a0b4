import { type ActionRow, findAction } from "../store/actions.ts";
import type { Database } from "../store/database.ts";

/**
 * Which actions have children that have not ended. An attempt of such an action waits more than it
 * works, so it takes no place from those that could end its waiting.
 */
export class OpenChildren {
  readonly #database: Database;
  /** The parent of each open child, by row numbers. */
  readonly #parents = new Map<number, number>();
  /** How many open children each parent has. */
  readonly #counts = new Map<number, number>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** To be called when an action was stored. */
  opened(row: ActionRow): void {
    if (row.parent === null || this.#parents.has(row.id)) return;
    const parent = findAction(this.#database, { ...row, name: row.parent });
    if (parent === undefined) return;
    this.#parents.set(row.id, parent.id);
    this.#counts.set(parent.id, (this.#counts.get(parent.id) ?? 0) + 1);
  }

  /** To be called when an action has ended. */
  ended(id: number): void {
    const parent = this.#parents.get(id);
    if (parent === undefined) return;
    this.#parents.delete(id);
    const left = (this.#counts.get(parent) ?? 1) - 1;
    if (left === 0) this.#counts.delete(parent);
    else this.#counts.set(parent, left);
  }

  /** Whether the action has any. */
  has(id: number): boolean {
    return this.#counts.has(id);
  }
}
