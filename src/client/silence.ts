/** Notices that a stream tells nothing any more. */
export class Silence implements Disposable {
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  /** Aborts when it has been silent for too long. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get isOver(): boolean {
    return this.signal.aborted;
  }

  /** From now on it may be silent for so long. */
  allow(ms: number): void {
    this.pause();
    this.#timer = setTimeout(() => this.#controller.abort(), ms);
  }

  /** Time that the reader takes is not the stream's. */
  pause(): void {
    clearTimeout(this.#timer);
  }

  [Symbol.dispose](): void {
    this.pause();
  }
}
