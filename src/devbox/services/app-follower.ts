import type { AppLine, AppRuntime } from "../apps/app-runtime.ts";

type Turn = { readonly result: IteratorResult<readonly AppLine[]> } | { readonly error: unknown };

/**
 * One reader of an app's lines that also hears of new replicas, which may have written nothing. Asks
 * for the next lines only when the last ones are taken.
 */
export class AppFollower implements AsyncDisposable {
  readonly #names: () => readonly string[];
  readonly #lines: AsyncIterator<readonly AppLine[]>;
  readonly #leave: () => void;
  readonly #signal: AbortSignal;
  readonly #told = new Set<string>();
  #isFirst = true;
  #isAsked = false;
  #turn: Turn | undefined;
  #hasChanged = false;
  #wake: (() => void) | undefined;

  /** @param replica follows this one alone */
  constructor(
    { logs, onChange }: AppRuntime,
    id: number,
    replica: string | undefined,
    signal: AbortSignal,
  ) {
    this.#signal = signal;
    this.#names = () => (replica === undefined ? logs.replicas(id) : [replica]);
    // One of its own, because only its end frees a log that waits for lines.
    const leaving = new AbortController();
    const abort = (): void => leaving.abort();
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    this.#lines = logs.tail(id, replica, leaving.signal)[Symbol.asyncIterator]();
    const stop = onChange(({ row }) => {
      if (row.id !== id) return;
      this.#hasChanged = true;
      this.#wake?.();
    });
    this.#leave = () => {
      stop();
      signal.removeEventListener("abort", abort);
      abort();
    };
  }

  /** All replicas, when there is one that was not told before, and at the first call. */
  newReplicas(): readonly string[] | undefined {
    const names = this.#names();
    if (!this.#isFirst && names.every((name) => this.#told.has(name))) return undefined;
    this.#isFirst = false;
    for (const name of names) this.#told.add(name);
    return names;
  }

  /**
   * Waits for lines, or for a change that may have brought a replica: then there are none. Undefined at
   * the end of the app.
   *
   * @throws the signal's reason when it aborts
   */
  async next(): Promise<readonly AppLine[] | undefined> {
    this.#ask();
    if (this.#turn === undefined && !this.#hasChanged) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    this.#signal.throwIfAborted();
    this.#hasChanged = false;
    const turn = this.#turn;
    if (turn === undefined) return [];
    this.#turn = undefined;
    this.#isAsked = false;
    if ("error" in turn) throw turn.error;
    return turn.result.done === true ? undefined : turn.result.value;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#leave();
    await this.#lines.return?.();
  }

  #ask(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    const take = (turn: Turn): void => {
      this.#turn = turn;
      this.#wake?.();
    };
    this.#lines.next().then(
      (result) => take({ result }),
      (error: unknown) => take({ error }),
    );
  }
}
