import type { ActionRow } from "../store/actions.ts";

/** An action that changed, with the names that watchers ask by. */
export type ChangedAction = Pick<ActionRow, "id" | "project" | "domain" | "run">;

/** One watcher's view: each turn gives the ids of the actions that changed since the last one. */
export interface ChangeWatch extends AsyncIterableIterator<readonly number[], undefined> {
  next(): Promise<IteratorResult<readonly number[], undefined>>;
  /** Ends the watch, and the turn that waits with it. Safe to call twice. */
  return(): Promise<IteratorResult<readonly number[], undefined>>;
  [Symbol.asyncIterator](): ChangeWatch;
}

/**
 * Tells watchers in this process which actions have changed, after the change is on disk. A watcher
 * that is slow gets each changed action once and then reads its present state, so it holds no more
 * than an id for each action it watches and never misses the last state. Announcing costs one test
 * for each watcher.
 */
export class Changes {
  readonly #watches = new Set<Watch>();

  /** To be called once the change is committed. */
  announce({ id, project, domain, run }: ChangedAction): void {
    for (const watch of this.#watches) watch.offer({ id, project, domain, run });
  }

  /**
   * Listens from this call on, also to what changes before the first turn is asked for, until
   * `return` is called or the signal aborts.
   */
  watch(concerns: (changed: ChangedAction) => boolean, signal: AbortSignal): ChangeWatch {
    const watch = new Watch(concerns, signal, () => this.#watches.delete(watch));
    if (!signal.aborted) this.#watches.add(watch);
    return watch;
  }

  /** How many watches have not ended. */
  get watchCount(): number {
    return this.#watches.size;
  }
}

class Watch implements ChangeWatch {
  readonly #concerns: (changed: ChangedAction) => boolean;
  readonly #end: () => void;
  #ids = new Set<number>();
  #wake: (() => void) | undefined;
  #isOver: boolean;

  constructor(
    concerns: (changed: ChangedAction) => boolean,
    signal: AbortSignal,
    leave: () => void,
  ) {
    this.#concerns = concerns;
    this.#isOver = signal.aborted;
    this.#end = () => {
      signal.removeEventListener("abort", this.#end);
      this.#isOver = true;
      leave();
      this.#wake?.();
    };
    signal.addEventListener("abort", this.#end, { once: true });
  }

  offer(changed: ChangedAction): void {
    if (!this.#concerns(changed)) return;
    this.#ids.add(changed.id);
    this.#wake?.();
  }

  async next(): Promise<IteratorResult<readonly number[], undefined>> {
    if (!this.#isOver && this.#ids.size === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    if (this.#isOver) return { done: true, value: undefined };
    const value = [...this.#ids];
    this.#ids = new Set();
    return { done: false, value };
  }

  async return(): Promise<IteratorResult<readonly number[], undefined>> {
    this.#end();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
