/** A place among the streams that are open. Dispose it when the stream is over. */
export interface StreamPlace extends Disposable {
  /** Aborts when the webhook closes. */
  readonly closing: AbortSignal;
}

/** The streams that are open, so that there are not too many and that closing ends them. */
export class LiveStreams {
  readonly #most: number;
  readonly #closing = new AbortController();
  #count = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** How many are open now. */
  get count(): number {
    return this.#count;
  }

  /** A place; undefined when all are taken, and once the webhook closes. */
  enter(): StreamPlace | undefined {
    if (this.#count >= this.#most || this.#closing.signal.aborted) return undefined;
    this.#count += 1;
    let isOpen = true;
    return {
      closing: this.#closing.signal,
      [Symbol.dispose]: () => {
        if (isOpen) this.#count -= 1;
        isOpen = false;
      },
    };
  }

  /** Ends every stream, and lets no further one in. */
  close(): void {
    this.#closing.abort();
  }
}
