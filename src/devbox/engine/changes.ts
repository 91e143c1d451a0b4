import type { ActionRow } from "../store/actions.ts";

/** An action that changed, with the names that watchers ask by. */
export type ChangedAction = Pick<ActionRow, "id" | "project" | "domain" | "run">;

interface Subscriber {
  readonly concerns: (changed: ChangedAction) => boolean;
  readonly pending: Set<number>;
  wake: () => void;
}

/**
 * Tells watchers in this process which actions have changed, after the change is on disk. A watcher
 * that is slow gets each changed action once and then reads its present state, so nothing queues up
 * and the last state is never missed. Announcing costs one test for each watcher.
 */
export class Changes {
  readonly #subscribers = new Set<Subscriber>();

  announce(changed: ChangedAction): void {
    for (const subscriber of this.#subscribers) {
      if (!subscriber.concerns(changed)) continue;
      subscriber.pending.add(changed.id);
      subscriber.wake();
    }
  }

  /**
   * The ids of changed actions in batches, from this call on: also what changes before the first
   * batch is asked for. Ends when `signal` aborts.
   */
  watch(
    concerns: (changed: ChangedAction) => boolean,
    signal: AbortSignal,
  ): AsyncGenerator<readonly number[], void, undefined> {
    const subscriber: Subscriber = { concerns, pending: new Set(), wake: () => undefined };
    const leave = (): void => {
      this.#subscribers.delete(subscriber);
      signal.removeEventListener("abort", leave);
      subscriber.wake();
    };
    if (!signal.aborted) {
      this.#subscribers.add(subscriber);
      signal.addEventListener("abort", leave);
    }
    return batchesOf(subscriber, signal, leave);
  }
}

async function* batchesOf(
  subscriber: Subscriber,
  signal: AbortSignal,
  leave: () => void,
): AsyncGenerator<readonly number[], void, undefined> {
  try {
    while (!signal.aborted) {
      if (subscriber.pending.size > 0) {
        const batch = [...subscriber.pending];
        subscriber.pending.clear();
        yield batch;
        continue;
      }
      await new Promise<void>((resolve) => {
        subscriber.wake = resolve;
      });
    }
  } finally {
    leave();
  }
}
