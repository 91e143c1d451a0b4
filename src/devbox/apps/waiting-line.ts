import { FlyteError } from "../../shared/errors.ts";
import type { Lease } from "./app-runtime.ts";

interface Waiter {
  readonly admit: (lease: Lease) => void;
  readonly refuse: (reason: unknown) => void;
}

/** Requests that wait for a replica, served in the order they came. */
export class WaitingLine {
  readonly #waiters = new Set<Waiter>();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#waiters.size;
  }

  /**
   * Waits for a place.
   *
   * @param onLeave called when the signal ended the wait
   * @throws FlyteError `exhausted` when too many wait; the signal's reason when that aborts first
   */
  wait(signal: AbortSignal, onLeave: () => void): Promise<Lease> {
    if (this.#waiters.size >= this.#max) {
      const message = `${this.#max} requests wait for the app already; send it again later.`;
      return Promise.reject(new FlyteError("exhausted", message));
    }
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        signal.removeEventListener("abort", onAbort);
        this.#waiters.delete(waiter);
      };
      const waiter: Waiter = {
        admit(lease) {
          leave();
          resolve(lease);
        },
        refuse(reason) {
          leave();
          reject(reason);
        },
      };
      const onAbort = (): void => {
        waiter.refuse(signal.reason);
        onLeave();
      };
      signal.addEventListener("abort", onAbort, { once: true });
      this.#waiters.add(waiter);
    });
  }

  /** Gives places to those who wait, the first of them first, as long as there are any. */
  admit(place: () => Lease | undefined): void {
    for (const waiter of this.#waiters) {
      const lease = place();
      if (lease === undefined) return;
      waiter.admit(lease);
    }
  }

  /** Sends all away. */
  refuse(reason: unknown): void {
    for (const waiter of this.#waiters) waiter.refuse(reason);
  }
}
