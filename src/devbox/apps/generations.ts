import type { AppPlan } from "./app-plan.ts";
import { Generation } from "./generation.ts";
import type { Replica } from "./replica.ts";

/** How long replicas that take no more requests may work on those they have, in milliseconds. */
export interface DrainLimits {
  /** Of replicas that were replaced, or are too many. */
  readonly drainMs: number;
  /** Of an app that is stopped. */
  readonly stopDrainMs: number;
}

/**
 * The replicas of an app: the generation that serves, and a newer one until one of its replicas is
 * ready and takes its place. What was replaced finishes its requests and ends.
 */
export class Generations {
  readonly #limits: DrainLimits;
  #current: Generation;
  #next: Generation | undefined;
  readonly #leaving = new Map<Replica, Generation>();

  constructor(plan: AppPlan, proven: boolean, limits: DrainLimits) {
    this.#limits = limits;
    this.#current = new Generation(plan, proven);
  }

  /** The one that serves, or is to serve first. */
  get current(): Generation {
    return this.#current;
  }

  /** The one that is to take the current one's place. */
  get next(): Generation | undefined {
    return this.#next;
  }

  get newest(): Generation {
    return this.#next ?? this.#current;
  }

  get all(): readonly Generation[] {
    return this.#next === undefined ? [this.#current] : [this.#current, this.#next];
  }

  /** Replicas that end. */
  get leaving(): readonly Replica[] {
    return [...this.#leaving.keys()];
  }

  /** How many replicas of the newest generation end. */
  get newestLeaving(): number {
    return [...this.#leaving.values()].filter((generation) => generation === this.newest).length;
  }

  /** Processes in any phase. */
  get processes(): number {
    return this.all.reduce((sum, { replicas }) => sum + replicas.size, this.#leaving.size);
  }

  /** Whether all is lost: neither what serves nor what is to serve can be started. */
  get hasFailed(): boolean {
    return this.#current.hasFailed && (this.#next === undefined || this.#next.hasFailed);
  }

  /** Takes up a plan that is to run. */
  deploy(plan: AppPlan, wasWanted: boolean): void {
    const known = this.all.find(({ plan: { digest } }) => digest === plan.digest);
    if (known !== this.#next) this.#dropNext();
    if (known === undefined) this.#begin(new Generation(plan, false), wasWanted);
    else known.renew(plan);
    const next = this.#next;
    // The only port of both: what is newer can start when what is older has ended.
    if (next !== undefined && [...this.#current.replicas.values()].some((r) => next.needsPortOf(r)))
      this.promote();
  }

  /** Ends all; what is started after that has to show anew that it runs. */
  stop(plan: AppPlan): void {
    const { newest } = this;
    this.leave(this.#limits.stopDrainMs);
    this.#next = undefined;
    this.#current = newest.plan.digest === plan.digest ? newest : new Generation(plan, false);
    this.#current.renew(plan);
    this.#current.proven = false;
  }

  /** Lets the next generation serve in place of the current one. */
  promote(): void {
    if (this.#next === undefined) return;
    this.#leave(this.#current, this.#limits.drainMs);
    this.#current = this.#next;
    this.#next = undefined;
  }

  /** Ends one replica, after its requests. */
  end(generation: Generation, name: string): void {
    const replica = generation.replicas.get(name);
    if (replica !== undefined) this.#end(generation, replica, this.#limits.drainMs);
  }

  /** Ends all replicas, so long at most after their requests. */
  leave(drainMs: number): void {
    for (const replica of this.#leaving.keys()) replica.drain(drainMs);
    for (const generation of this.all) this.#leave(generation, drainMs);
  }

  /** Forgets a replica of which nothing is left. */
  forget(generation: Generation, replica: Replica): void {
    generation.replicas.delete(replica.name);
    this.#leaving.delete(replica);
  }

  /** Whether the one port that a replica may need is in use by another one of the app. */
  isPortTaken(generation: Generation): boolean {
    const others = this.all.filter((other) => other !== generation);
    return [...this.leaving, ...others.flatMap(({ replicas }) => [...replicas.values()])].some(
      (replica) => generation.needsPortOf(replica),
    );
  }

  #begin(generation: Generation, wasWanted: boolean): void {
    // What serves, or sleeps and could, stays until the new one is ready.
    if (wasWanted && this.#current.proven) {
      this.#next = generation;
      return;
    }
    this.#leave(this.#current, this.#limits.drainMs);
    this.#current = generation;
  }

  #dropNext(): void {
    if (this.#next !== undefined) this.#leave(this.#next, 0);
    this.#next = undefined;
  }

  #leave(generation: Generation, drainMs: number): void {
    for (const replica of generation.replicas.values()) this.#end(generation, replica, drainMs);
  }

  #end(generation: Generation, replica: Replica, drainMs: number): void {
    generation.replicas.delete(replica.name);
    this.#leaving.set(replica, generation);
    replica.drain(drainMs);
  }
}
