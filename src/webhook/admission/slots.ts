/** How much work is done at once, and how much waits. */
export interface SlotBounds {
  /** Requests that do work at once. */
  readonly most: number;
  /** Requests that wait for those. */
  readonly mostWaiting: number;
  /** Longest wait, in milliseconds. */
  readonly longestMs: number;
}

/** Why a request got no slot. */
export type SlotRefusal = "full" | "late";

/** How it stands, for metrics. */
export interface SlotCounts {
  readonly inUse: number;
  readonly waiting: number;
  /** Requests refused so far, by reason; those of `share` found their caller's part of the queue taken. */
  readonly refused: Readonly<Record<SlotRefusal | "share", number>>;
}

/** A request in the queue. */
export interface Waiting {
  readonly who: string;
  readonly until: number;
  /** Called once: without a reason when the slot is the request's. */
  readonly settle: (refused?: SlotRefusal) => void;
}

/** What tells the time, in milliseconds, and calls back. */
export interface SlotClock {
  now(): number;
  /** Calls back in so many milliseconds, once; keeps no process alive. */
  after(ms: number, act: () => void): void;
}

const realClock: SlotClock = {
  now: () => performance.now(),
  after: (ms, act) => void setTimeout(act, ms).unref(),
};

/**
 * Bounds how many requests do work at once. Those beyond wait, at most half of the queue for one caller; who waits
 * too long is refused. They go on in order, but who has half of the slots comes after those who have less. What
 * was begun and comes back goes before all of them.
 */
export class Slots {
  readonly #bounds: SlotBounds;
  readonly #clock: SlotClock;
  /** In the order of their arrival, so in that of their ends, too. */
  readonly #waiting = new Set<Waiting>();
  readonly #returning = new Map<() => void, string>();
  /** How many of those that wait are of whom. */
  readonly #shares = new Map<string, number>();
  /** How many slots are whose. */
  readonly #held = new Map<string, number>();
  readonly #refused = { full: 0, late: 0, share: 0 };
  #inUse = 0;
  #isWatched = false;

  constructor(bounds: SlotBounds, clock: SlotClock = realClock) {
    this.#bounds = bounds;
    this.#clock = clock;
  }

  get counts(): SlotCounts {
    const waiting = this.#waiting.size + this.#returning.size;
    return { inUse: this.#inUse, waiting, refused: { ...this.#refused } };
  }

  /** Takes a slot for a caller if nobody has to wait for one. */
  tryTake(who: string): boolean {
    if (this.#inUse >= this.#bounds.most) return false;
    this.#inUse += 1; // nobody waits while a slot is free
    this.#hold(who);
    return true;
  }

  /** Waits for a slot; undefined, with nothing kept, when the queue has no place for the caller. */
  enter(who: string, settle: Waiting["settle"]): Waiting | undefined {
    const { mostWaiting, longestMs } = this.#bounds;
    const share = this.#shares.get(who) ?? 0;
    if (this.#waiting.size >= mostWaiting) this.#refused.full += 1;
    else if (share >= Math.ceil(mostWaiting / 2)) this.#refused.share += 1;
    else {
      const waiting = { who, until: this.#clock.now() + longestMs, settle };
      this.#waiting.add(waiting);
      this.#shares.set(who, share + 1);
      this.#watch(longestMs);
      return waiting;
    }
    return undefined;
  }

  /** Takes somebody out of the queue; nobody when they have left it already. */
  leave(waiting: Waiting): void {
    if (!this.#waiting.delete(waiting)) return;
    const share = (this.#shares.get(waiting.who) ?? 0) - 1;
    if (share > 0) this.#shares.set(waiting.who, share);
    else this.#shares.delete(waiting.who);
  }

  /** Waits, however long, and before everybody who has not begun. */
  enterAgain(who: string, settle: () => void): void {
    this.#returning.set(settle, who);
  }

  /** Takes somebody out again who has come back. */
  leaveAgain(settle: () => void): void {
    this.#returning.delete(settle);
  }

  /** Gives a caller's slot back, to whoever is next. */
  giveBack(who: string): void {
    const left = (this.#held.get(who) ?? 0) - 1;
    if (left > 0) this.#held.set(who, left);
    else this.#held.delete(who);
    for (const [settle, next] of this.#returning) {
      this.#returning.delete(settle);
      this.#hold(next);
      settle();
      return;
    }
    const next = this.#next();
    if (next === undefined) {
      this.#inUse -= 1;
      return;
    }
    this.leave(next);
    this.#hold(next.who);
    next.settle();
  }

  /** The first in the queue who has not half of the slots, else the first; those who waited too long are refused. */
  #next(): Waiting | undefined {
    const now = this.#clock.now();
    let first: Waiting | undefined;
    for (const waiting of this.#waiting) {
      if (waiting.until <= now) {
        this.leave(waiting);
        this.#refuseLate(waiting);
      } else if ((this.#held.get(waiting.who) ?? 0) < this.#bounds.most / 2) return waiting;
      else first ??= waiting;
    }
    return first;
  }

  #hold(who: string): void {
    this.#held.set(who, (this.#held.get(who) ?? 0) + 1);
  }

  #refuseLate(waiting: Waiting): void {
    this.#refused.late += 1;
    waiting.settle("late");
  }

  /** One timer for the whole queue: for who has waited longest. */
  #watch(ms: number): void {
    if (this.#isWatched) return;
    this.#isWatched = true;
    this.#clock.after(Math.max(1, Math.ceil(ms)), () => {
      this.#isWatched = false;
      this.#expire();
    });
  }

  #expire(): void {
    const now = this.#clock.now();
    for (const waiting of this.#waiting) {
      if (waiting.until > now) {
        this.#watch(waiting.until - now);
        return;
      }
      this.leave(waiting);
      this.#refuseLate(waiting);
    }
  }
}
