/** Parts of something bounded, so that nobody has all of it: at most half is one caller's. */
export class Shares {
  readonly #most: number;
  readonly #taken = new Map<string, number>();

  /** @param all - what there is */
  constructor(all: number) {
    this.#most = Math.ceil(all / 2);
  }

  /** Takes one for a caller; false, with nothing taken, when half is theirs. */
  take(who: string): boolean {
    const taken = this.#taken.get(who) ?? 0;
    if (taken >= this.#most) return false;
    this.#taken.set(who, taken + 1);
    return true;
  }

  /** Gives one back that was taken. */
  giveBack(who: string): void {
    const left = (this.#taken.get(who) ?? 0) - 1;
    if (left > 0) this.#taken.set(who, left);
    else this.#taken.delete(who);
  }
}
