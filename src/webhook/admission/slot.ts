import { FlyteError } from "../../shared/errors.ts";
import type { Problem } from "../problem.ts";
import type { Slots } from "./slots.ts";

const retryAfterSeconds = "1";

function overloaded(detail: string): Problem {
  return { code: "overloaded", detail, headers: { "retry-after": retryAfterSeconds } };
}

/** A request's right to do work: taken, given back, and taken again after a wait. */
export class Slot {
  readonly #slots: Slots;
  readonly #whoOf: () => string;
  readonly #signal: () => AbortSignal;
  #known: string | undefined;
  #isHeld = false;

  /**
   * @param who - tells callers apart; asked for once
   * @param signal - aborted when the caller goes away; asked for only when there is a wait
   */
  constructor(slots: Slots, who: () => string, signal: () => AbortSignal) {
    this.#slots = slots;
    this.#whoOf = who;
    this.#signal = signal;
  }

  get #who(): string {
    this.#known ??= this.#whoOf();
    return this.#known;
  }

  /** Takes a slot if nobody has to wait for one. */
  tryTake(): boolean {
    this.#isHeld ||= this.#slots.tryTake(this.#who);
    return this.#isHeld;
  }

  /**
   * Takes a slot before anything is begun.
   *
   * @returns the problem where none came free
   * @throws FlyteError `canceled` when the caller goes away meanwhile
   */
  async take(): Promise<Problem | undefined> {
    if (this.tryTake()) return undefined;
    const signal = this.#signal();
    throwIfGone(signal);
    return new Promise<Problem | undefined>((resolve, reject) => {
      const onGone = (): void => {
        if (waiting !== undefined) this.#slots.leave(waiting);
        reject(gone());
      };
      const waiting = this.#slots.enter(this.#who, (refused) => {
        signal.removeEventListener("abort", onGone);
        this.#isHeld = refused === undefined;
        if (refused === undefined) resolve(undefined);
        else resolve(overloaded("No request before this one ended in time. Try again later."));
      });
      if (waiting === undefined) {
        resolve(overloaded("More requests wait here than can be answered in time."));
      } else signal.addEventListener("abort", onGone, { once: true });
    });
  }

  /** Gives the slot back before the work is done, as before a long wait. Once is enough. */
  giveBack(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#slots.giveBack(this.#who);
  }

  /**
   * Takes a slot again to go on with what was begun: however long that takes, and before all who wait to begin.
   *
   * @throws FlyteError `canceled` when the caller goes away meanwhile
   */
  async takeAgain(): Promise<void> {
    if (this.tryTake()) return;
    const signal = this.#signal();
    throwIfGone(signal);
    await new Promise<void>((resolve, reject) => {
      const onGone = (): void => {
        this.#slots.leaveAgain(settle);
        reject(gone());
      };
      const settle = (): void => {
        signal.removeEventListener("abort", onGone);
        this.#isHeld = true;
        resolve();
      };
      signal.addEventListener("abort", onGone, { once: true });
      this.#slots.enterAgain(this.#who, settle);
    });
  }

  /** Waits without the slot, and goes on with one. */
  async outside<Result>(wait: () => Promise<Result>): Promise<Result> {
    this.giveBack();
    const result = await wait();
    await this.takeAgain();
    return result;
  }
}

function throwIfGone(signal: AbortSignal): void {
  if (signal.aborted) throw gone();
}

function gone(): FlyteError {
  return new FlyteError("canceled", "The caller went away.");
}
