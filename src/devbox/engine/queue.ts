import { availableParallelism } from "node:os";
import type { ActionRow } from "../store/actions.ts";

/**
 * Actions that wait for a place, in the order they came. An attempt that waits for its children takes no
 * place; but there are only so many of them, so new runs are held back when too many wait. Children are
 * not, because what waits may wait for them.
 */
export class Queue {
  readonly #maxBusy: number;
  readonly #maxWaiting: number;
  /** Whether each is the root of its run, by row numbers. */
  readonly #actions = new Map<number, boolean>();

  constructor(maxBusy: number, maxWaiting: number = 12 * Math.max(2, availableParallelism())) {
    this.#maxBusy = maxBusy;
    this.#maxWaiting = maxWaiting;
  }

  add({ id, parent }: Pick<ActionRow, "id" | "parent">): void {
    this.#actions.set(id, parent === null);
  }

  delete(id: number): void {
    this.#actions.delete(id);
  }

  /** Takes the next that has a place while so many attempts work and so many wait. */
  take(busy: number, waiting: number): number | undefined {
    if (busy >= this.#maxBusy) return undefined;
    const holdsRuns = waiting >= this.#maxWaiting;
    for (const [id, isRoot] of this.#actions) {
      if (isRoot && holdsRuns) continue;
      this.#actions.delete(id);
      return id;
    }
    return undefined;
  }
}
