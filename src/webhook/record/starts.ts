import { FlyteError } from "../../shared/errors.ts";

/** The starts of runs that one request asks for: which are not confirmed, and whether more may begin. */
export class Starts {
  readonly #underWay = new Set<Promise<unknown>>();
  #lost = 0;
  #isStopped = false;

  /** Whether none may begin any more, as the request has been answered instead. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** How many are not confirmed: nobody knows yet, or ever, whether there is a run. */
  get unknown(): number {
    return this.#underWay.size + this.#lost;
  }

  /** How many are under way. */
  get underWay(): number {
    return this.#underWay.size;
  }

  /** Counts a start as under way until it is over. */
  async during<Result>(start: () => Promise<Result>): Promise<Result> {
    const starting = start();
    this.#underWay.add(starting);
    try {
      return await starting;
    } catch (error) {
      if (FlyteError.is(error) && error.outcomeUnknown) this.#lost += 1;
      throw error;
    } finally {
      this.#underWay.delete(starting);
    }
  }

  /** From now on none begins. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Resolves when none is under way any more. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
  }
}
