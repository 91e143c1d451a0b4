/** Work that is under way at most once, however many wait for its result. */
export interface SingleFlight<Result> {
  /**
   * Waits for the flight under way, or starts one. A waiter whose signal aborts leaves at once;
   * the work itself is aborted when the last one has left.
   */
  join(signal: AbortSignal | undefined): Promise<Result>;
}

interface Flight<Result> {
  readonly promise: Promise<Result>;
  readonly controller: AbortController;
  waiters: number;
}

/** Shares one run of `work` among all who ask while it runs. Failures are not remembered. */
export function createSingleFlight<Result>(
  work: (signal: AbortSignal) => Promise<Result>,
): SingleFlight<Result> {
  let current: Flight<Result> | undefined;

  function start(): Flight<Result> {
    const controller = new AbortController();
    const promise = work(controller.signal).finally(() => {
      if (current === flight) current = undefined;
    });
    const flight: Flight<Result> = { promise, controller, waiters: 0 };
    return flight;
  }

  return {
    async join(signal) {
      signal?.throwIfAborted();
      current ??= start();
      const flight = current;
      flight.waiters += 1;
      try {
        return await untilAborted(flight.promise, signal);
      } finally {
        flight.waiters -= 1;
        if (flight.waiters === 0) leave(flight);
      }
    },
  };

  function leave(flight: Flight<Result>): void {
    if (current === flight) current = undefined;
    flight.controller.abort();
    // Nobody is left to hear how the abandoned work ends.
    flight.promise.catch(() => undefined);
  }
}

/** The result of `promise`, or the signal's reason if that comes first. */
function untilAborted<Result>(
  promise: Promise<Result>,
  signal: AbortSignal | undefined,
): Promise<Result> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
