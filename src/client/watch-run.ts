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
  let last = "";
  for (let failures = 0; ; ) {
    let isFresh = false;
    let failure: FlyteError | undefined;
    try {
      for await (const status of subscribe(session, asked, call)) {
        isFresh = true;
        const state = JSON.stringify(status);
        if (state !== last) yield status;
        last = state;
        if (status.done) return;
      }
    } catch (error) {
      failure = toFlyteError(error);
      if (hasEnded(call) || !passing.has(failure.code)) throw failure;
    }
    // A subscription that told something and then ran out of time is as good as any.
    const isUsual = isFresh && (failure === undefined || failure.code === "deadline_exceeded");
    failures = isFresh ? 0 : failures + 1;
    if (failures >= mostFailures) throw failure ?? silent(asked);
    if (!isUsual || failure === undefined) await pauseBetween(call, failures);
  }
}

async function* subscribe(
  session: Session,
  asked: AskedRun,
  call: CallContext,
): AsyncGenerator<RunStatus, void, undefined> {
  const responses = session.channel.stream(
    RunService.method.watchActionDetails,
    { actionId: toRootActionId(session, asked) },
    withTimeLimit(call, subscriptionMs),
  );
  for await (const { details } of responses) yield toRunStatus(details, asked);
}

function hasEnded(call: CallContext): boolean {
  return call.signal?.aborted === true || performance.now() >= call.deadline;
}

async function pauseBetween(call: CallContext, failures: number): Promise<void> {
  try {
    await pause(call, toBackoffMs(Math.max(0, failures - 1), Math.random()));
  } catch (cause) {
    throw toFlyteError(cause);
  }
}

function silent(asked: AskedRun): FlyteError {
  return new FlyteError(
    "unavailable",
    `The control plane closed every watch of run ${asked.name} without telling its state.`,
  );
}
