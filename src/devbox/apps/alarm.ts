import type { Clock } from "./clock.ts";

/** One timer that can be set again and again. */
export class Alarm {
  readonly #clock: Clock;
  readonly #onTime: () => void;
  #set: { readonly at: number; readonly cancel: () => void } | undefined;

  constructor(clock: Clock, onTime: () => void) {
    this.#clock = clock;
    this.#onTime = onTime;
  }

  /** Calls back at that time or before: what is asked for is to be asked anew then. */
  atLatest(time: number | undefined): void {
    if (time === undefined || (this.#set !== undefined && this.#set.at <= time)) return;
    this.#set?.cancel();
    const cancel = this.#clock.after(time - this.#clock.now(), () => {
      this.#set = undefined;
      this.#onTime();
    });
    this.#set = { at: time, cancel };
  }

  cancel(): void {
    this.#set?.cancel();
    this.#set = undefined;
  }
}
