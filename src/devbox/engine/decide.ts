import type { Phase } from "../../values/phases.ts";
import type { AttemptError, AttemptResult } from "../executor/executor.ts";

/** Failures in a row that are not the task's fault, after which it is given up. */
export const maxSystemFailures = 3;

/** How an action stands when one of its attempts has ended. */
export interface AttemptCounts {
  /** Attempts that failed by the task's own fault, before this one. */
  readonly userFailures: number;
  /** Failures in a row that were not, before this one. */
  readonly systemFailures: number;
  /** Attempts the task may make: its retries and one. */
  readonly maxAttempts: number;
}

/** What follows from the end of an attempt. */
export interface Decision {
  /** The phase the attempt ended in. */
  readonly attemptPhase: Phase;
  /** The phase of the action; `queued` for another attempt. */
  readonly phase: Phase;
  readonly userFailures: number;
  readonly systemFailures: number;
  readonly error: AttemptError | undefined;
}

/**
 * Decides what follows from the end of an attempt. A failure of the task's own uses up an attempt, as
 * a timeout does; a system failure has a budget of its own, which a failure of the task resets.
 */
export function decide(result: AttemptResult, counts: AttemptCounts): Decision {
  const { userFailures, maxAttempts } = counts;
  switch (result.kind) {
    case "succeeded":
      return { ...end("succeeded", counts), systemFailures: 0 };
    case "aborted":
      return end("aborted", counts);
    case "timed_out": {
      const failures = userFailures + 1;
      const again = failures < maxAttempts;
      return {
        attemptPhase: "timed_out",
        phase: again ? "queued" : "timed_out",
        userFailures: failures,
        systemFailures: 0,
        error: result.error,
      };
    }
    case "failed":
      if (result.error.kind === "system" && result.retryable) {
        return afterSystemFailure(result.error, counts);
      }
      return {
        attemptPhase: "failed",
        phase: result.retryable && userFailures + 1 < maxAttempts ? "queued" : "failed",
        userFailures: userFailures + 1,
        systemFailures: 0,
        error: result.error,
      };
  }
}

/** What follows when an attempt was cut off, for example by a crash of the devbox. */
export function afterSystemFailure(error: AttemptError, counts: AttemptCounts): Decision {
  const failures = counts.systemFailures + 1;
  const givenUp = failures > maxSystemFailures;
  return {
    attemptPhase: "failed",
    phase: givenUp ? "failed" : "queued",
    userFailures: counts.userFailures,
    systemFailures: failures,
    error: givenUp
      ? {
          code: "MaxSystemFailuresExceeded",
          message: `Given up after ${failures} system failures in a row; the last one: ${error.message}`,
          kind: "system",
        }
      : error,
  };
}

function end(phase: "succeeded" | "aborted", counts: AttemptCounts): Decision {
  const { userFailures, systemFailures } = counts;
  return { attemptPhase: phase, phase, userFailures, systemFailures, error: undefined };
}
