import type { Scaling } from "./app-plan.ts";
import { PeakWindow } from "./peak-window.ts";
import { RequestRate } from "./request-rate.ts";

/** What is asked of an app at a time. */
export interface Load {
  /** Requests that replicas work on. */
  readonly running: number;
  /** Requests that wait for a replica. */
  readonly waiting: number;
  /** Requests that came, a second. */
  readonly perSecond: number;
}

/** How many replicas a load asks for, limits aside: none for none, and at least one for any request. */
export function replicasFor(load: Load, { metric, target }: Scaling): number {
  const requests = load.running + load.waiting;
  const amount = metric === "request_rate" ? load.perSecond : requests;
  return Math.max(Math.ceil(amount / target), requests > 0 ? 1 : 0);
}

/**
 * Decides how many replicas an app should have: as many as the highest load within the scale-down
 * period asked for. So more are wanted at once, fewer only after that period.
 */
export class Scaler {
  readonly #rate = new RequestRate();
  readonly #peaks = new PeakWindow();

  /** Counts a request that came. */
  count(now: number): void {
    this.#rate.count(now);
  }

  /** Lets the scale-down period begin anew, as if a request had just ended. */
  touch(now: number): void {
    const { present } = this.#peaks;
    this.#peaks.set(Math.max(1, present), now);
    this.#peaks.set(present, now);
  }

  /** How many replicas there should be. */
  desired(load: Omit<Load, "perSecond">, scaling: Scaling, now: number): number {
    const wanted = replicasFor({ ...load, perSecond: this.#rate.perSecond(now) }, scaling);
    this.#peaks.set(wanted, now);
    const peak = this.#peaks.peak(now, scaling.scaledownMs);
    return Math.min(scaling.max, Math.max(scaling.min, peak));
  }

  /** When it may be fewer without a further change of the load; undefined when it will not. */
  changesAt({ metric, scaledownMs }: Scaling, now: number): number | undefined {
    const falls = this.#peaks.fallsAt(scaledownMs);
    const rate = metric === "request_rate" ? this.#rate.changesAt(now) : undefined;
    return falls === undefined ? rate : Math.min(falls, rate ?? falls);
  }
}
