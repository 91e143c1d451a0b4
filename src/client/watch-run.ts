import { RunService } from "../idl/runs.ts";
import { FlyteError, type FlyteErrorCode } from "../shared/errors.ts";
import { type CallContext, pause, withTimeLimit } from "./call-context.ts";
import type { RunStatus } from "./control-plane.ts";
import { toFlyteError } from "./errors.ts";
import { toRootActionId } from "./read-run.ts";
import { toBackoffMs } from "./retry.ts";
import { type AskedRun, toRunStatus } from "./run-status.ts";
import type { Session } from "./session.ts";

/**
 * Control planes drop updates when they fall behind, and an aborted run may never end its stream.
 * Each subscription begins with the current state, so starting a new one now and then reads again.
 */
const subscriptionMs = 30_000;
const mostFailures = 5;

const passing: ReadonlySet<FlyteErrorCode> = new Set<FlyteErrorCode>([
  "unavailable",
  "deadline_exceeded",
  "canceled",
  "internal",
]);

/** Every change of a run's state, the current one first, until it has ended. */
export async function* watchRun(
  session: Session,
  asked: AskedRun,
  call: CallContext,
): AsyncGenerator<RunStatus, void, undefined> {
  const seen = { state: "" };
  let failures = 0;
  for (;;) {
    const { end, failure } = yield* subscribe(session, asked, call, seen);
    if (end === "run ended") return;
    failures = end === "told nothing" ? failures + 1 : 0;
    if (failures >= mostFailures) throw failure ?? silent(asked);
    // A subscription that told something and then ran out of time is as good as any.
    if (end === "told nothing" || failure?.code !== "deadline_exceeded") {
      await pauseAfter(failure, call, toBackoffMs(Math.max(0, failures - 1), Math.random()));
    }
  }
}

interface SubscriptionEnd {
  readonly end: "run ended" | "told something" | "told nothing";
  readonly failure?: FlyteError;
}

/** One subscription: what is new in it, and how it came to its end. */
async function* subscribe(
  session: Session,
  asked: AskedRun,
  call: CallContext,
  seen: { state: string },
): AsyncGenerator<RunStatus, SubscriptionEnd, undefined> {
  let end: SubscriptionEnd["end"] = "told nothing";
  const responses = session.channel.stream(
    RunService.method.watchActionDetails,
    { actionId: toRootActionId(session, asked) },
    withTimeLimit(call, subscriptionMs),
  );
  try {
    for await (const { details } of responses) {
      const status = toRunStatus(details, asked);
      end = "told something";
      const state = JSON.stringify(status);
      if (state !== seen.state) yield status;
      seen.state = state;
      if (status.done) return { end: "run ended" };
    }
    return { end };
  } catch (error) {
    const failure = toFlyteError(error);
    if (hasEnded(call) || !passing.has(failure.code)) throw failure;
    return { end, failure };
  }
}

async function pauseAfter(
  failure: FlyteError | undefined,
  call: CallContext,
  ms: number,
): Promise<void> {
  try {
    await pause(call, ms);
  } catch (error) {
    const end = toFlyteError(error);
    if (failure === undefined || end.code !== "deadline_exceeded") throw end;
    const message = `${end.message} The last try failed: ${failure.message}`;
    throw new FlyteError("deadline_exceeded", message, { cause: failure });
  }
}

function hasEnded(call: CallContext): boolean {
  return call.signal?.aborted === true || performance.now() >= call.deadline;
}

function silent(asked: AskedRun): FlyteError {
  return new FlyteError(
    "unavailable",
    `The control plane closed every watch of run ${asked.name} without telling its state.`,
  );
}
