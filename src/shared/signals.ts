import { FlyteError } from "./errors.ts";

export interface DeadlineOptions {
  /** Signals that also end the wait; the reason of the first to abort is passed on. */
  readonly signals?: readonly (AbortSignal | undefined)[];
  /**
   * When to abort with a `deadline_exceeded` {@link FlyteError}, in milliseconds from now.
   * @default no time limit
   */
  readonly timeoutMs?: number | undefined;
}

/** A signal that ends by others or by time. Dispose it when the work is done, or its timer lives on. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal;
}

/** Timers take 32-bit delays; a longer one would fire at once. */
const maxTimerMs = 2 ** 31 - 1;

/**
 * Starts one signal that aborts when any of the given ones does or when the time is up.
 *
 * Unlike `AbortSignal.any` and `AbortSignal.timeout` it leaves nothing behind once disposed, so that a
 * long-lived parent signal gathers no listeners.
 *
 * @example
 * ```ts
 * using deadline = startDeadline({ signals: [options.signal], timeoutMs: 5_000 });
 * await fetch(url, { signal: deadline.signal });
 * ```
 */
export function startDeadline(options: DeadlineOptions): Deadline {
  const controller = new AbortController();
  const { timeoutMs } = options;
  const parents = (options.signals ?? []).filter((signal) => signal !== undefined);
  let timer: NodeJS.Timeout | undefined;

  const stop = (): void => {
    clearTimeout(timer);
    for (const parent of parents) parent.removeEventListener("abort", follow);
  };
  const abort = (reason: unknown): void => {
    stop();
    controller.abort(reason);
  };
  const follow = (event: Event): void => {
    abort(parents.find((parent) => parent === event.target)?.reason);
  };

  const aborted = parents.find((parent) => parent.aborted);
  if (aborted !== undefined) controller.abort(aborted.reason);
  else {
    for (const parent of parents) parent.addEventListener("abort", follow, { once: true });
    if (timeoutMs !== undefined && timeoutMs <= maxTimerMs) {
      timer = setTimeout(
        () => {
          abort(new FlyteError("deadline_exceeded", `no answer within ${timeoutMs} ms`));
        },
        Math.max(0, timeoutMs),
      );
    }
  }
  return { signal: controller.signal, [Symbol.dispose]: stop };
}
