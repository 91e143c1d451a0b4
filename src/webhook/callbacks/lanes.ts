interface Waiting {
  readonly lane: string;
  readonly go: () => void;
}

/** Does so many things at a time, and so many of one lane, in the order in which they came. */
export class Lanes {
  readonly #most: number;
  readonly #mostOfLane: number;
  readonly #busy = new Map<string, number>();
  readonly #waiting = new Set<Waiting>();
  #inUse = 0;

  constructor(most: number, mostOfLane: number) {
    this.#most = most;
    this.#mostOfLane = mostOfLane;
  }

  async run<Result>(lane: string, work: () => Promise<Result>): Promise<Result> {
    if (!this.#hasRoom(lane)) {
      await new Promise<void>((resolve) => this.#waiting.add({ lane, go: resolve }));
    } else this.#take(lane);
    try {
      return await work();
    } finally {
      this.#leave(lane);
    }
  }

  #hasRoom(lane: string): boolean {
    return this.#inUse < this.#most && (this.#busy.get(lane) ?? 0) < this.#mostOfLane;
  }

  #take(lane: string): void {
    this.#inUse += 1;
    this.#busy.set(lane, (this.#busy.get(lane) ?? 0) + 1);
  }

  #leave(lane: string): void {
    this.#inUse -= 1;
    const left = (this.#busy.get(lane) ?? 1) - 1;
    if (left > 0) this.#busy.set(lane, left);
    else this.#busy.delete(lane);
    for (const next of this.#waiting) {
      if (this.#inUse >= this.#most) return;
      if (!this.#hasRoom(next.lane)) continue;
      this.#waiting.delete(next);
      this.#take(next.lane);
      next.go();
    }
  }
}
