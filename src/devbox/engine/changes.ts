import type { ActionRow } from "../store/actions.ts";

/** An action that changed, with the names that watchers ask by. */
export type ChangedAction = Pick<ActionRow, "id" | "project" | "domain" | "run">;

type Listener = (changed: ChangedAction) => void;

/** Tells watchers in this process which actions have changed, after the change is on disk. */
export class Changes {
  readonly #listeners = new Set<Listener>();

  /** Costs one call for each listener. */
  announce(changed: ChangedAction): void {
    for (const listener of this.#listeners) listener(changed);
  }

  /** Calls `listener` with each change until the returned function is called. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * The ids of changed actions in batches, from this call on: also what changes before the first
   * batch is asked for. A watcher that is slow gets each changed action once and then reads its
   * present state, so nothing queues up and the last state is never missed. Ends when `signal`
   * aborts; a watcher that leaves earlier calls `return`.
   */
  watch(
    concerns: (changed: ChangedAction) => boolean,
    signal: AbortSignal,
  ): AsyncGenerator<readonly number[], void, undefined> {
    const pending = new Set<number>();
    let wake: () => void = () => undefined;
    const unlisten = this.listen((changed) => {
      if (!concerns(changed)) return;
      pending.add(changed.id);
      wake();
    });
    const leave = (): void => {
      unlisten();
      signal.removeEventListener("abort", leave);
      wake();
    };
    if (signal.aborted) leave();
    else signal.addEventListener("abort", leave);

    async function* batches(): AsyncGenerator<readonly number[], void, undefined> {
      try {
        while (!signal.aborted) {
          if (pending.size === 0) {
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
            continue;
          }
          const batch = [...pending];
          pending.clear();
          yield batch;
        }
      } finally {
        leave();
      }
    }
    return batches();
  }
}
