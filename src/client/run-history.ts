import type { Phase } from "../values/phases.ts";
import type { RunStatus } from "./control-plane.ts";

/** A phase that an attempt of a run has entered. */
export interface RunTransition {
  /**
   * Names the transition within its run, as in `1.running`: the attempt and the phase, and from the second
   * time in one attempt on, which time it is. Later reads tell the same transition by the same name.
   */
  readonly id: string;
  /** Counted from 1. */
  readonly attempt: number;
  readonly phase: Phase;
  readonly time: Date | undefined;
  /** Why the attempt failed, with the phase that ended it. */
  readonly error: string | undefined;
}

/** The state of a run, and how it came to it. */
export interface RunHistory {
  readonly run: RunStatus;
  /** Every phase of every attempt, in order. */
  readonly transitions: readonly RunTransition[];
}
