import { setMaxListeners } from "node:events";

export interface DownloadAllOptions {
  /** How many at the same time. */
  readonly parallel: number;
  readonly signal: AbortSignal;
}

/**
 * Does the work for each item, a few at a time. The first failure stops the others, and is thrown when
 * all of them have stopped.
 */
export async function downloadAll<Item>(
  items: readonly Item[],
  { parallel, signal }: DownloadAllOptions,
  work: (item: Item, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  // Each request listens to it.
  setMaxListeners(0, stop.signal);
  const follow = (): void => stop.abort(signal.reason);
  if (signal.aborted) follow();
  signal.addEventListener("abort", follow, { once: true });
  const waiting = items.values();
  const worker = async (): Promise<void> => {
    for (const item of waiting) {
      if (stop.signal.aborted) return;
      await work(item, stop.signal);
    }
  };
  try {
    await Promise.allSettled(
      Array.from({ length: Math.min(parallel, items.length) }, async () => {
        await worker().catch((error: unknown) => stop.abort(error));
      }),
    );
    stop.signal.throwIfAborted();
  } finally {
    signal.removeEventListener("abort", follow);
  }
}
