import type { AppFacts, Failure } from "./app-condition.ts";
import type { AppPlan } from "./app-plan.ts";
import type { ReplicaState } from "./app-runtime.ts";
import type { Replica } from "./replica.ts";
import type { ReplicaEnd } from "./replica-process.ts";
import { afterEnd, CRASH_LOOP_FAILURES, noFailures, type Restarts } from "./restarts.ts";

/** What runs the same processes: a revision, and those after it that change nothing about them. */
export class Generation {
  /** The newest plan with these processes. */
  plan: AppPlan;
  /** The revision it began with. */
  readonly revision: number;
  /** Those that serve or will. */
  readonly replicas: Map<string, Replica> = new Map();
  /** Whether a replica was ready, since the last failure. */
  proven: boolean;
  restarts: Restarts = noFailures;
  /** Set from the first end that nobody asked for until a replica is ready. */
  failure: Failure | undefined;
  /** Whether nobody should wait for it: it has failed for good, or again and again, and nothing serves. */
  hasFailed = false;
  #lastFailed: string | undefined;

  constructor(plan: AppPlan, proven: boolean) {
    this.plan = plan;
    this.revision = plan.revision;
    this.proven = proven;
  }

  get readyCount(): number {
    let count = 0;
    for (const { phase } of this.replicas.values()) if (phase === "ready") count++;
    return count;
  }

  /** Requests that its replicas work on. */
  get leases(): number {
    let count = 0;
    for (const { leases } of this.replicas.values()) count += leases;
    return count;
  }

  /** Whether it listens on the port it declares, of which there is but one. */
  get hasFixedPort(): boolean {
    return [...this.replicas.values()].some(({ address }) => address?.isDeclared === true);
  }

  /** Whether a replica listens on the port that this one would need if it minds its declared port. */
  needsPortOf({ address }: Replica): boolean {
    return address?.isDeclared === true && address.port === this.plan.declaredPort;
  }

  /** The ready replica with the fewest requests. */
  get leastLoaded(): Replica | undefined {
    let found: Replica | undefined;
    for (const replica of this.replicas.values()) {
      if (replica.phase !== "ready") continue;
      if (found === undefined || replica.leases < found.leases) found = replica;
    }
    return found;
  }

  succeeded(): void {
    this.proven = true;
    this.failure = undefined;
    this.hasFailed = false;
  }

  /** Notes an end that nobody asked for. */
  failed(replica: Replica, end: ReplicaEnd, now: number): void {
    const readyMs = replica.readyAt === undefined ? undefined : now - replica.readyAt;
    this.restarts = afterEnd(this.restarts, { readyMs, now });
    this.failure = end;
    this.#lastFailed = replica.name;
    if (this.readyCount > 0) return;
    this.hasFailed = end.isFinal || this.restarts.failures >= CRASH_LOOP_FAILURES;
    if (this.hasFailed) this.proven = false;
  }

  /** Takes up a newer plan with the same processes; starts that failed are tried again at once. */
  renew(plan: AppPlan): void {
    this.plan = plan;
    if (this.failure === undefined) return;
    this.restarts = noFailures;
    this.failure = undefined;
    this.hasFailed = false;
  }

  facts(desired: number, draining: number, revision: number): AppFacts["newest"] {
    const { proven, readyCount: ready, failure, hasFailed } = this;
    return { revision, proven, desired, ready, draining, failure, hasFailed };
  }

  states(now: number): ReplicaState[] {
    const states = [...this.replicas.values()].map(toState);
    const isWaiting = this.restarts.notBefore > now && states.length === 0;
    if (this.#lastFailed === undefined || !isWaiting) return states;
    const { revision } = this.plan;
    return [{ name: this.#lastFailed, revision, phase: "backing_off" }];
  }
}

export function toState({ name, revision, phase }: Replica): ReplicaState {
  return { name, revision, phase: phase === "ended" ? "draining" : phase };
}
