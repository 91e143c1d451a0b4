import { randomBytes } from "node:crypto";
import { FlyteError } from "../../shared/errors.ts";
import type { AppRow } from "../store/apps.ts";
import { Alarm } from "./alarm.ts";
import { type AppPlan, readPlan } from "./app-plan.ts";
import type { AppState, Lease } from "./app-runtime.ts";
import type { Clock } from "./clock.ts";
import { Conditions } from "./conditions.ts";
import { type Generation, toState } from "./generation.ts";
import { type DrainLimits, Generations } from "./generations.ts";
import { Replica } from "./replica.ts";
import { changeReplicas, type ReplicaChanges } from "./replica-changes.ts";
import { describeDeaf } from "./replica-end.ts";
import type { ReplicaHooks, StartReplica } from "./replica-process.ts";
import { Scaler } from "./scaler.ts";
import { WaitingLine } from "./waiting-line.ts";

export interface ControllerOptions extends DrainLimits {
  readonly clock: Clock;
  readonly startReplica: StartReplica;
  /** Called after each change of the state. */
  readonly onChange: () => void;
  /** Digest of the plan that was proven in an earlier life. */
  readonly provenDigest: string | undefined;
  /** Keeps the digest of the plan that is proven now. */
  readonly keepProven: (digest: string | undefined) => void;
  /** Requests that may wait for a replica. */
  readonly maxWaiting: number;
}

/**
 * Keeps the replicas of one app as its newest row wants them. Each event (a new row, a request, a
 * replica that is ready or has ended, a time that came) changes what is known; then what follows is
 * decided anew, by functions of what is known: `scaler.ts`, `replica-changes.ts`, `restarts.ts` and
 * `app-condition.ts`.
 */
export class AppController {
  readonly #id: number;
  readonly #options: ControllerOptions;
  readonly #generations: Generations;
  readonly #line: WaitingLine;
  readonly #alarm: Alarm;
  readonly #scaler = new Scaler();
  readonly #conditions = new Conditions();
  #plan: AppPlan;
  /** Replicas that the load asks for. */
  #desired = 0;
  readonly #onEmpty: (() => void)[] = [];
  #isClosing = false;
  #keptDigest: string | undefined;

  constructor(row: AppRow, options: ControllerOptions) {
    this.#id = row.id;
    this.#options = options;
    this.#line = new WaitingLine(options.maxWaiting);
    this.#alarm = new Alarm(options.clock, () => this.#reconcile());
    this.#plan = readPlan(row);
    this.#keptDigest = options.provenDigest;
    const isProven = this.#plan.digest === options.provenDigest;
    this.#generations = new Generations(this.#plan, isProven, options);
    this.#reconcile();
  }

  get state(): AppState {
    const now = this.#options.clock.now();
    const { all, leaving } = this.#generations;
    return {
      conditions: this.#conditions.list,
      currentReplicas: all.reduce((sum, { readyCount }) => sum + readyCount, 0),
      replicas: [...all.flatMap((generation) => generation.states(now)), ...leaving.map(toState)],
    };
  }

  /** Whether starts fail, and the next one waits. */
  get isFailing(): boolean {
    return this.#generations.newest.failure !== undefined;
  }

  /** Takes up a newer row, or the same one again for a new try. An older one is ignored. */
  apply(row: AppRow): void {
    const { revision, wanted } = this.#plan;
    if (row.revision < revision || this.#isClosing) return;
    this.#plan = readPlan(row);
    if (this.#plan.wanted) this.#generations.deploy(this.#plan, wanted);
    else this.#generations.stop(this.#plan);
    this.#reconcile();
  }

  /** See {@link AppRuntime.acquire}. */
  acquire(signal: AbortSignal): Promise<Lease> {
    const refusal = signal.aborted ? signal.reason : this.#refusal();
    if (refusal !== undefined) return Promise.reject(refusal);
    const lease = this.lease();
    if (lease !== undefined) return Promise.resolve(lease);
    this.#scaler.count(this.#options.clock.now());
    const place = this.#line.wait(signal, () => this.#loadChanged());
    this.#loadChanged();
    return place;
  }

  /** See {@link AppRuntime.lease}. */
  lease(): Lease | undefined {
    if (this.#isClosing || !this.#plan.wanted || this.#generations.hasFailed) return undefined;
    const lease = this.#lease();
    if (lease === undefined) return undefined;
    this.#scaler.count(this.#options.clock.now());
    this.#loadChanged();
    return lease;
  }

  /** Ends all replicas, so long at most after their requests, and starts no others. */
  close(drainMs: number): Promise<void> {
    this.#isClosing = true;
    this.#alarm.cancel();
    this.#line.refuse(this.#refusal());
    this.#generations.leave(drainMs);
    return new Promise((resolve) => {
      this.#onEmpty.push(resolve);
      this.#checkEmpty();
    });
  }

  /** Why a request need not wait. */
  #refusal(): FlyteError | undefined {
    const name = JSON.stringify(this.#plan.name);
    if (this.#isClosing) {
      return new FlyteError("unavailable", `App ${name} ends; send the request again later.`);
    }
    if (!this.#plan.wanted) {
      return new FlyteError("not_found", `App ${name} is stopped; activate it first.`);
    }
    if (!this.#generations.hasFailed) return undefined;
    const reason = this.#generations.newest.failure?.message ?? "Its replicas end.";
    return new FlyteError("app_failed", `App ${name} cannot be started. ${reason}`);
  }

  #lease(): Lease | undefined {
    return this.#generations.current.leastLoaded?.lease();
  }

  /** To be called for each request that came or went: cheap while that changes nothing else. */
  #loadChanged(): void {
    if (this.#isClosing) return;
    const before = this.#desired;
    this.#measure();
    if (this.#desired !== before) this.#reconcile();
    else this.#wakeBefore(undefined);
  }

  #measure(): void {
    const load = { running: this.#generations.current.leases, waiting: this.#line.size };
    this.#desired = this.#scaler.desired(load, this.#plan.scaling, this.#options.clock.now());
  }

  #wakeBefore(time: number | undefined): void {
    const changes = this.#scaler.changesAt(this.#plan.scaling, this.#options.clock.now());
    this.#alarm.atLatest(time);
    this.#alarm.atLatest(changes);
  }

  #reconcile(): void {
    if (this.#isClosing) return;
    this.#measure();
    for (const generation of this.#generations.all) {
      const { end, start, againAt } = this.#changesOf(generation);
      for (const name of end) this.#generations.end(generation, name);
      for (let started = 0; started < start; started++) this.#start(generation);
      this.#wakeBefore(againAt);
    }
    const refusal = this.#refusal();
    if (refusal !== undefined) this.#line.refuse(refusal);
    this.#keepProven();
    this.#note();
  }

  /** How many replicas a generation should have. */
  #desiredOf(generation: Generation): number {
    if (!this.#plan.wanted) return 0;
    const { next } = this.#generations;
    const wanted = Math.max(generation.proven ? 0 : 1, this.#desired);
    // While a newer one starts, the older one serves with what it has.
    const isReplaced = generation !== next && next !== undefined && !next.hasFailed;
    const limit = isReplaced ? generation.replicas.size : Number.POSITIVE_INFINITY;
    return Math.min(wanted, limit, generation.hasFixedPort ? 1 : wanted);
  }

  #changesOf(generation: Generation): ReplicaChanges {
    return changeReplicas({
      desired: this.#desiredOf(generation),
      replicas: [...generation.replicas.values()],
      restarts: generation.restarts,
      isPortTaken: this.#generations.isPortTaken(generation),
      now: this.#options.clock.now(),
    });
  }

  #start(generation: Generation): void {
    const { plan } = generation;
    const revision = String(plan.revision).padStart(5, "0");
    const name = `${plan.name}-${revision}-${randomBytes(4).toString("hex")}`;
    const request = { appId: this.#id, name, plan };
    const hooks: ReplicaHooks = {
      onReady: (address, listens) => {
        if (replica.phase !== "starting") return;
        replica.ready(address, listens);
        this.#ready(generation);
      },
      onExit: () => {
        replica.exited();
        this.#reconcile();
      },
      onEnded: (end) => {
        const wasAsked = replica.phase === "draining";
        replica.exited();
        this.#generations.forget(generation, replica);
        if (!wasAsked) generation.failed(replica, end, this.#options.clock.now());
        this.#checkEmpty();
        this.#reconcile();
      },
    };
    const { clock, startReplica } = this.#options;
    const identity = { name, revision: plan.revision };
    const process = startReplica(request, hooks);
    const replica = new Replica(identity, process, clock, {
      onRelease: () => this.#loadChanged(),
      onDeaf: () => this.#replaceDeaf(generation, replica),
    });
    generation.replicas.set(name, replica);
  }

  /** Replaces a replica that answers nobody new; those it still answers are left to it. */
  #replaceDeaf(generation: Generation, replica: Replica): void {
    const end = describeDeaf(replica);
    // Its port is free for the next one.
    replica.address = undefined;
    this.#generations.end(generation, replica.name);
    generation.failed(replica, end, this.#options.clock.now());
    this.#reconcile();
  }

  #ready(generation: Generation): void {
    generation.succeeded();
    this.#scaler.touch(this.#options.clock.now());
    if (generation === this.#generations.next) this.#generations.promote();
    this.#line.admit(() => this.#lease());
    this.#reconcile();
  }

  #keepProven(): void {
    const { proven, plan } = this.#generations.newest;
    const digest = proven ? plan.digest : undefined;
    if (digest === this.#keptDigest) return;
    this.#keptDigest = digest;
    this.#options.keepProven(digest);
  }

  #note(): void {
    const { newest, newestLeaving, current, next, processes } = this.#generations;
    const isServing = next !== undefined && current.readyCount > 0;
    const facts = {
      wanted: this.#plan.wanted,
      processes,
      newest: newest.facts(this.#desiredOf(newest), newestLeaving, this.#plan.revision),
      servingRevision: isServing ? current.revision : undefined,
    };
    if (this.#conditions.note(facts, this.#options.clock.now())) this.#options.onChange();
  }

  #checkEmpty(): void {
    if (this.#generations.processes > 0) return;
    for (const done of this.#onEmpty.splice(0)) done();
  }
}
