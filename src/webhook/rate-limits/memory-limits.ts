import { Buckets } from "./buckets.ts";
import { aheadAfterOne, ticksPerSecond } from "./gcra.ts";
import {
  type Charge,
  type Decision,
  type LimitsStore,
  type Policy,
  toDecision,
} from "./limits-store.ts";

/** Keys that are known of one policy; some megabytes. */
const mostKeys = 100_000;

export interface MemoryLimitsOptions {
  /** Milliseconds of a clock that only goes forward. @default performance.now */
  readonly now?: () => number;
  /** Buckets that are kept for each policy. @default 100000 */
  readonly mostKeys?: number;
}

/** Limits of one process. */
export class MemoryLimits implements LimitsStore {
  readonly #now: () => number;
  readonly #mostKeys: number;
  readonly #buckets = new Map<Policy, Buckets>();

  constructor(options: MemoryLimitsOptions = {}) {
    this.#now = options.now ?? (() => performance.now());
    this.#mostKeys = options.mostKeys ?? mostKeys;
  }

  /** Buckets in memory. */
  get size(): number {
    let size = 0;
    for (const buckets of this.#buckets.values()) size += buckets.size;
    return size;
  }

  decide(charges: readonly Charge[]): Decision {
    return this.decideAt(Math.floor((this.#now() * ticksPerSecond) / 1000), charges);
  }

  /** @param now - in ticks */
  decideAt(now: number, charges: readonly Charge[]): Decision {
    const aheads = charges.map(({ policy, key }) =>
      aheadAfterOne(this.#of(policy).get(key), now, policy.pace),
    );
    const decision = toDecision(charges, aheads);
    if (decision.isAllowed) {
      for (const [index, { policy, key }] of charges.entries()) {
        this.#of(policy).set(key, now + (aheads[index] ?? 0), now);
      }
    }
    return decision;
  }

  #of(policy: Policy): Buckets {
    let buckets = this.#buckets.get(policy);
    if (buckets === undefined) {
      buckets = new Buckets(this.#mostKeys);
      this.#buckets.set(policy, buckets);
    }
    return buckets;
  }
}
