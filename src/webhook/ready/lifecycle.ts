import type { ResolvedOptions } from "../resolve-options.ts";

/** How far a webhook is: it listens, and it takes new requests. */
export type LifecycleState = "starting" | "serving" | "draining";

/** Where a webhook stands between its start and its end. It only goes forward. */
export class Lifecycle {
  #state: LifecycleState = "starting";
  #endsAt = Number.POSITIVE_INFINITY;

  get state(): LifecycleState {
    return this.#state;
  }

  /** Milliseconds until all has to be over; Infinity as long as it is not to end. */
  get leftMs(): number {
    return Math.max(0, this.#endsAt - performance.now());
  }

  /** It listens. A webhook that is stopped before stays stopped. */
  begin(): void {
    if (this.#state === "starting") this.#state = "serving";
  }

  /** It is to end. @returns false when that was known */
  end(): boolean {
    if (this.#state === "draining") return false;
    this.#state = "draining";
    return true;
  }

  /** It has no longer than this for its end, nor than was said before. */
  endWithin(ms: number): void {
    this.#endsAt = Math.min(this.#endsAt, performance.now() + ms);
  }
}

const all = new WeakMap<ResolvedOptions, Lifecycle>();

/** The lifecycle of the webhook with these options. */
export function lifecycleOf(options: ResolvedOptions): Lifecycle {
  let lifecycle = all.get(options);
  if (lifecycle === undefined) {
    lifecycle = new Lifecycle();
    all.set(options, lifecycle);
  }
  return lifecycle;
}
