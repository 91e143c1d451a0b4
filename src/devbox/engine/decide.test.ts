import fc from "fast-check";
import { expect, test } from "vitest";
import { isTerminal } from "../../values/phases.ts";
import type { AttemptResult } from "../executor/executor.ts";
import { type AttemptCounts, decide, maxSystemFailures } from "./decide.ts";

const error = (kind: "user" | "system") => ({ code: "Code", message: "why", kind });
const result: fc.Arbitrary<AttemptResult> = fc.oneof(
  fc.record({ kind: fc.constant("succeeded" as const), outputsUri: fc.string() }),
  fc.record({
    kind: fc.constant("failed" as const),
    error: fc.constantFrom(error("user"), error("system")),
    retryable: fc.boolean(),
  }),
  fc.record({ kind: fc.constant("timed_out" as const), error: fc.constant(error("user")) }),
  fc.constant({ kind: "aborted" } as const),
);

interface Life {
  readonly tries: number;
  readonly userFailures: number;
  readonly phase: string;
}

/** Follows an action through results until its end. */
function live(results: readonly AttemptResult[], maxAttempts: number): Life {
  let counts: AttemptCounts = { userFailures: 0, systemFailures: 0, maxAttempts };
  let tries = 0;
  for (const each of results) {
    tries += 1;
    const decision = decide(each, counts);
    const { userFailures, systemFailures } = decision;
    if (isTerminal(decision.phase)) return { tries, userFailures, phase: decision.phase };
    expect(decision.phase).toBe("queued");
    counts = { userFailures, systemFailures, maxAttempts };
  }
  return { tries, userFailures: counts.userFailures, phase: "queued" };
}

test("whatever comes back, no task fails more often than it may, and every attempt has ended", () => {
  fc.assert(
    fc.property(fc.array(result, { maxLength: 60 }), fc.integer({ min: 1, max: 6 }), (all, max) => {
      const { tries, userFailures, phase } = live(all, max);
      expect(userFailures).toBeLessThanOrEqual(max);
      // Between two failures of the task there are at most the forgiven ones of the system.
      expect(tries).toBeLessThanOrEqual((maxSystemFailures + 1) * max);
      if (all.length >= (maxSystemFailures + 1) * max) expect(phase).not.toBe("queued");
    }),
  );
});

test("each end of an attempt is terminal, and only an end says queued for the action", () => {
  fc.assert(
    fc.property(
      result,
      fc.nat(5),
      fc.nat(3),
      fc.integer({ min: 1 }),
      (given, user, system, max) => {
        const decision = decide(given, {
          userFailures: user,
          systemFailures: system,
          maxAttempts: max,
        });
        expect(isTerminal(decision.attemptPhase)).toBe(true);
        const isFailure = given.kind === "failed" || given.kind === "timed_out";
        expect(decision.error === undefined).toBe(!isFailure);
        if (!isFailure) expect(decision.phase).toBe(given.kind);
        if (given.kind === "failed" && !given.retryable) expect(decision.phase).toBe("failed");
      },
    ),
  );
});

test("the fourth failure of the system in a row is the last, and says so", () => {
  const failed = { kind: "failed", error: error("system"), retryable: true } as const;
  const counts = (systemFailures: number) => ({ userFailures: 0, systemFailures, maxAttempts: 1 });
  expect(decide(failed, counts(2))).toMatchObject({ phase: "queued", systemFailures: 3 });
  expect(decide(failed, counts(3))).toMatchObject({
    phase: "failed",
    error: { code: "MaxSystemFailuresExceeded", kind: "system" },
  });
});

test("a failure of the task uses up an attempt, and so does a timeout", () => {
  const counts = { userFailures: 0, systemFailures: 2, maxAttempts: 2 };
  const failed = { kind: "failed", error: error("user"), retryable: true } as const;
  const late = { kind: "timed_out", error: error("user") } as const;
  const again = { phase: "queued", userFailures: 1, systemFailures: 0 };
  expect(decide(failed, counts)).toMatchObject(again);
  expect(decide(late, counts)).toMatchObject({ ...again, attemptPhase: "timed_out" });
  expect(decide(late, { ...counts, userFailures: 1 })).toMatchObject({ phase: "timed_out" });
});
