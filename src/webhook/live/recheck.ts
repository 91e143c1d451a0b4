import { FlyteError, type FlyteErrorCode } from "../../shared/errors.ts";

/** As often as watches of runs begin anew. */
const everyMs = 30_000;

const refusals: ReadonlySet<FlyteErrorCode> = new Set<FlyteErrorCode>([
  "unauthenticated",
  "permission_denied",
  "not_found",
]);

/**
 * Asks now and then whether a caller may still read what a stream tells, which control planes decide when it begins.
 * Dispose it when the stream is over.
 */
export class Recheck implements Disposable {
  readonly #refused = new AbortController();
  readonly #asking: NodeJS.Timeout;

  /** @param ask - fails when the caller may not read any more; other failures say nothing */
  constructor(ask: () => Promise<unknown>) {
    this.#asking = setInterval(() => {
      ask().catch((error: unknown) => {
        if (FlyteError.is(error) && refusals.has(error.code)) this.#refused.abort(error);
      });
    }, everyMs);
  }

  /** Aborts with the refusal. */
  get signal(): AbortSignal {
    return this.#refused.signal;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#asking);
  }
}
