import { type AppFacts, isSameCondition, toCondition } from "./app-condition.ts";
import type { AppCondition } from "./app-runtime.ts";

const KEPT = 10;

/** The last ten conditions of an app. */
export class Conditions {
  #list: readonly AppCondition[] = [];

  /** Oldest first. */
  get list(): readonly AppCondition[] {
    return this.#list;
  }

  /**
   * Adds the condition that follows from the facts.
   *
   * @returns whether it is another than the last one
   */
  note(facts: AppFacts, now: number): boolean {
    const condition = toCondition(facts);
    const last = this.#list.at(-1);
    if (last !== undefined && isSameCondition(condition, last)) return false;
    this.#list = [...this.#list, { ...condition, time: new Date(now) }].slice(-KEPT);
    return true;
  }
}
