import { type ProbeAnswer, probeControlPlane } from "../../client/probe-control-plane.ts";
import { FlyteError } from "../../shared/errors.ts";
import type { ResolvedOptions } from "../resolve-options.ts";

/** How the control plane was found, in words that say nothing about it. */
export type ControlPlaneState = "reachable" | "unreachable" | "timeout" | "failing" | "anonymous";

/** Longest time for one look. */
const longestMs = 2_000;
/** How long a good and a bad finding are kept. Recovery is to be seen soon. */
const keptMs = { good: 3_000, bad: 1_000 } as const;

export interface ControlPlaneCheckOptions {
  /** Whether a control plane will do that serves calls without a credential. */
  readonly allowAnonymous: boolean;
  /** @default `performance.now` */
  readonly now?: () => number;
  /** Asks once. @throws FlyteError `unavailable` or `deadline_exceeded` */
  readonly ask: (timeoutMs: number) => Promise<ProbeAnswer>;
}

/**
 * Whether the control plane can be reached. However often this is asked, it is asked once at a time, and not
 * again for some seconds.
 */
export class ControlPlaneCheck {
  readonly #options: ControlPlaneCheckOptions;
  readonly #now: () => number;
  #found: { readonly state: ControlPlaneState; readonly until: number } | undefined;
  #looking: Promise<ControlPlaneState> | undefined;

  constructor(options: ControlPlaneCheckOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  async state(): Promise<ControlPlaneState> {
    if (this.#found !== undefined && this.#now() < this.#found.until) return this.#found.state;
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #look(): Promise<ControlPlaneState> {
    const state = await this.#ask().catch(toState);
    const kept = state === "reachable" ? keptMs.good : keptMs.bad;
    this.#found = { state, until: this.#now() + kept };
    return state;
  }

  async #ask(): Promise<ControlPlaneState> {
    const { allowAnonymous, ask } = this.#options;
    const until = this.#now() + longestMs;
    let answer: ProbeAnswer;
    try {
      answer = await ask(longestMs);
    } catch (error) {
      const leftMs = until - this.#now();
      if (!FlyteError.is(error) || error.code !== "unavailable" || leftMs <= 0) throw error;
      // A kept connection may have been closed at the other end, which says nothing about a new one.
      answer = await ask(leftMs);
    }
    if (answer === "failed") return "failing";
    return answer === "served" && !allowAnonymous ? "anonymous" : "reachable";
  }
}

function toState(error: unknown): ControlPlaneState {
  if (!FlyteError.is(error)) throw error;
  return error.code === "deadline_exceeded" ? "timeout" : "unreachable";
}

const all = new WeakMap<ResolvedOptions, ControlPlaneCheck>();

/** The check of the webhook with these options. */
export function checkOf(options: ResolvedOptions): ControlPlaneCheck {
  let check = all.get(options);
  if (check === undefined) {
    const { controlPlane, allowAnonymous } = options;
    const ask = (timeoutMs: number): Promise<ProbeAnswer> =>
      probeControlPlane(controlPlane, { timeoutMs });
    check = new ControlPlaneCheck({ allowAnonymous, ask });
    all.set(options, check);
  }
  return check;
}
