interface Step {
  readonly value: number;
  /** When a later value took its place. */
  until: number;
}

/**
 * The highest value that held at any time within the last so many milliseconds, of a value that
 * changes in steps. Costs O(1) for each change, on average.
 */
export class PeakWindow {
  /** Falling values, each with the end of its time; the last one holds now. */
  readonly #steps: Step[] = [];

  /** Sets the value that holds from now on. */
  set(value: number, now: number): void {
    const last = this.#steps.at(-1);
    if (last?.value === value) return;
    if (last !== undefined) last.until = now;
    // A lower value that is out of date sooner than this one never counts again.
    while ((this.#steps.at(-1)?.value ?? Number.POSITIVE_INFINITY) <= value) this.#steps.pop();
    this.#steps.push({ value, until: Number.POSITIVE_INFINITY });
  }

  /** The value that holds now; 0 before there is any. */
  get present(): number {
    return this.#steps.at(-1)?.value ?? 0;
  }

  /** The highest value within the last `windowMs`; 0 before there is any. */
  peak(now: number, windowMs: number): number {
    while ((this.#steps[0]?.until ?? Number.POSITIVE_INFINITY) <= now - windowMs) {
      this.#steps.shift();
    }
    return this.#steps[0]?.value ?? 0;
  }

  /** When {@link peak} falls by itself; undefined while it does not. */
  fallsAt(windowMs: number): number | undefined {
    const until = this.#steps[0]?.until ?? Number.POSITIVE_INFINITY;
    return Number.isFinite(until) ? until + windowMs : undefined;
  }
}
