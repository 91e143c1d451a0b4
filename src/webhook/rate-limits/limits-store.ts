import { type Pace, type Standing, standingOf } from "./gcra.ts";
import type { Rate } from "./rate.ts";

/** One limit. */
export interface Policy {
  /** As headers, logs and metrics call it: `credential`, `address`, `global`, `route:run_task`, `hook:github`. */
  readonly name: string;
  readonly rate: Rate;
  readonly pace: Pace;
  /** Whether all callers have one bucket together: how it stands would tell about others. */
  readonly isShared: boolean;
}

/** A request takes one out of this bucket of a policy. */
export interface Charge {
  readonly policy: Policy;
  readonly key: string;
}

/** Whether a request may go on. It takes one out of each bucket, or, where one is empty, none out of any. */
export interface Decision {
  readonly isAllowed: boolean;
  /** How each charge stands, in their order. */
  readonly standings: readonly Standing[];
}

/** Where buckets are. */
export interface LimitsStore {
  /** Rejects never; a promise only where somebody has to be asked. */
  decide(charges: readonly Charge[]): Decision | Promise<Decision>;
}

/** @param aheads - how far each bucket is from full with this request, in ticks */
export function toDecision(charges: readonly Charge[], aheads: readonly number[]): Decision {
  const standings = charges.map(({ policy }, index) => standingOf(aheads[index] ?? 0, policy.pace));
  return { isAllowed: standings.every(({ isOver }) => !isOver), standings };
}
