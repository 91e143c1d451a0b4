const BUCKETS = 10;
const BUCKET_MS = 1000;

/** Requests a second, as the mean of the last ten seconds. */
export class RequestRate {
  readonly #counts: number[] = new Array<number>(BUCKETS).fill(0);
  /** Number of the second that is counted in now. */
  #second = 0;
  #sum = 0;

  count(now: number): void {
    this.#moveTo(now);
    this.#sum += 1;
    const at = this.#second % BUCKETS;
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
  }

  perSecond(now: number): number {
    this.#moveTo(now);
    return this.#sum / BUCKETS;
  }

  /** When the rate may be another without further requests; undefined when it is 0. */
  changesAt(now: number): number | undefined {
    this.#moveTo(now);
    return this.#sum === 0 ? undefined : (this.#second + 1) * BUCKET_MS;
  }

  #moveTo(now: number): void {
    const second = Math.floor(now / BUCKET_MS);
    const passed = Math.min(BUCKETS, second - this.#second);
    for (let step = 1; step <= passed; step++) {
      const at = (second - passed + step) % BUCKETS;
      this.#sum -= this.#counts[at] ?? 0;
      this.#counts[at] = 0;
    }
    if (second > this.#second) this.#second = second;
  }
}
