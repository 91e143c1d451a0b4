/** Something that has to end at a point of `performance.now()`. */
export interface Expirable {
  readonly deadline: number;
  /** Called once, when the deadline has passed. */
  expire(): void;
}

/**
 * One timer for all calls under way. A timer, or an abort controller, for each call costs more
 * than encoding its message; deadlines need no more precision than a twentieth of a second.
 */
export class Deadlines {
  readonly #tickMs: number;
  readonly #waiting = new Set<Expirable>();
  #timer: NodeJS.Timeout | undefined;

  constructor(tickMs = 50) {
    this.#tickMs = tickMs;
  }

  add(entry: Expirable): void {
    if (entry.deadline === Number.POSITIVE_INFINITY) return;
    this.#waiting.add(entry);
    // The sockets of the calls keep the process alive; the timer must not.
    this.#timer ??= setInterval(() => this.#tick(), this.#tickMs).unref();
  }

  delete(entry: Expirable): void {
    this.#waiting.delete(entry);
  }

  #tick(): void {
    const now = performance.now();
    for (const entry of this.#waiting) {
      if (entry.deadline > now) continue;
      this.#waiting.delete(entry);
      entry.expire();
    }
    if (this.#waiting.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
