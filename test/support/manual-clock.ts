import type { Clock } from "../../src/webhook/callbacks/clock.ts";

interface Timer {
  readonly at: number;
  readonly act: () => void;
}

/** A clock that stands still until the next thing that is due is asked for. */
export class ManualClock implements Clock {
  #now = 1_700_000_000_000;
  readonly #timers = new Set<Timer>();
  readonly #set: (() => void)[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, act: () => void): () => void {
    const timer = { at: this.#now + ms, act };
    this.#timers.add(timer);
    for (const go of this.#set.splice(0)) go();
    return () => this.#timers.delete(timer);
  }

  /** Moves on to what is due next, once there is something. */
  async tick(): Promise<void> {
    while (this.#timers.size === 0) {
      await new Promise<void>((resolve) => this.#set.push(resolve));
    }
    const [next] = [...this.#timers].sort((one, other) => one.at - other.at);
    if (next === undefined) return;
    this.#timers.delete(next);
    this.#now = Math.max(this.#now, next.at);
    next.act();
  }
}
