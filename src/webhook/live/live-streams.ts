import { Shares } from "../admission/shares.ts";

/** A place among the streams that are open. Dispose it when the stream is over. */
export interface StreamPlace extends Disposable {
  /** Aborts when the webhook closes. */
  readonly closing: AbortSignal;
}

/** The streams that are open, so that there are not too many and that closing ends them. */
export class LiveStreams {
  readonly #most: number;
  readonly #shares: Shares;
  readonly #closing = new AbortController();
  #count = 0;

  constructor(most: number) {
    this.#most = most;
    this.#shares = new Shares(most);
  }

  /** How many are open now. */
  get count(): number {
    return this.#count;
  }

  /** A place; undefined when all are taken, or half of them by the same caller, and once the webhook closes. */
  enter(who: string): StreamPlace | undefined {
    if (this.#count >= this.#most || this.#closing.signal.aborted) return undefined;
    if (!this.#shares.take(who)) return undefined;
    this.#count += 1;
    let isOpen = true;
    return {
      closing: this.#closing.signal,
      [Symbol.dispose]: () => {
        if (!isOpen) return;
        isOpen = false;
        this.#count -= 1;
        this.#shares.giveBack(who);
      },
    };
  }

  /** Ends every stream, and lets no further one in. */
  close(): void {
    this.#closing.abort();
  }
}
