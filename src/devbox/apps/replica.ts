import { setMaxListeners } from "node:events";
import { FlyteError } from "../../shared/errors.ts";
import type { Lease } from "./app-runtime.ts";
import type { Clock } from "./clock.ts";
import type { ReplicaFacts } from "./replica-changes.ts";
import type { ReplicaAddress, ReplicaProcess } from "./replica-process.ts";

/** What the one who keeps a replica hears of its requests. */
export interface LeaseHooks {
  /** A request has ended. */
  readonly onRelease: () => void;
  /** It lives, was ready, and does not listen any more. */
  readonly onDeaf: () => void;
}

/** One replica and the requests on it. */
export class Replica {
  readonly name: string;
  readonly revision: number;
  readonly startedAt: number;
  phase: ReplicaFacts["phase"] = "starting";
  address: ReplicaAddress | undefined;
  readyAt: number | undefined;
  /** Requests it works on. */
  leases = 0;
  readonly #process: ReplicaProcess;
  readonly #clock: Clock;
  readonly #hooks: LeaseHooks;
  readonly #ended = new AbortController();
  #cancelDrain: (() => void) | undefined;
  #listens: () => Promise<boolean> = async () => true;
  #check: Promise<void> | undefined;

  constructor(
    identity: { readonly name: string; readonly revision: number },
    process: ReplicaProcess,
    clock: Clock,
    hooks: LeaseHooks,
  ) {
    this.name = identity.name;
    this.revision = identity.revision;
    this.startedAt = clock.now();
    this.#process = process;
    this.#clock = clock;
    this.#hooks = hooks;
    // Every request listens to it.
    setMaxListeners(0, this.#ended.signal);
  }

  ready(address: ReplicaAddress, listens: () => Promise<boolean>): void {
    this.phase = "ready";
    this.#listens = listens;
    this.address = address;
    this.readyAt = this.#clock.now();
  }

  /** A place for one request; undefined while it does not listen. */
  lease(): Lease | undefined {
    if (this.address === undefined) return undefined;
    const { host, port } = this.address;
    this.leases++;
    let isReleased = false;
    const release = (): void => {
      if (isReleased) return;
      isReleased = true;
      this.leases--;
      if (this.phase === "draining" && this.leases === 0) this.#end();
      this.#hooks.onRelease();
    };
    const refused = (): Promise<void> => this.#refused();
    return { replica: this.name, host, port, ended: this.#ended.signal, release, refused };
  }

  /** Looks once for all who were refused at the same time. */
  #refused(): Promise<void> {
    if (this.phase !== "ready") return Promise.resolve();
    this.#check ??= this.#listens().then((listens) => {
      this.#check = undefined;
      if (!listens && this.phase === "ready") this.#hooks.onDeaf();
    });
    return this.#check;
  }

  /** Takes no more requests, and ends with the last one, or after the limit. */
  drain(limitMs: number): void {
    this.phase = "draining";
    this.#cancelDrain?.();
    if (this.leases === 0 || limitMs <= 0) this.#end();
    else this.#cancelDrain = this.#clock.after(limitMs, () => this.#end());
  }

  /** To be called when its process is gone. */
  exited(): void {
    if (this.phase !== "draining") this.phase = "ended";
    this.#cancelDrain?.();
    const message = `Replica ${this.name} of the app ended while it worked on the request; send it again.`;
    this.#ended.abort(new FlyteError("unavailable", message));
  }

  #end(): void {
    this.#cancelDrain?.();
    this.#process.end();
  }
}
