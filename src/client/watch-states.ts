import { FlyteError, type FlyteErrorCode } from "../shared/errors.ts";
import { type CallContext, pause, withTimeLimit } from "./call-context.ts";
import { toFlyteError } from "./errors.ts";
import { toBackoffMs } from "./retry.ts";

/** Something whose state a control plane streams. */
export interface Watched<Message, State> {
  /** What it is called in messages, for example `run r1`. */
  readonly title: string;
  /** Starts a subscription, which begins with the current state. */
  subscribe(call: CallContext): AsyncIterable<Message>;
  /** What a message tells of it; undefined for a message about something else. */
  read(message: Message): Told<State> | undefined;
}

export interface Told<State> {
  readonly state: State;
  /** Whether nothing can follow. */
  readonly isLast: boolean;
}

/**
 * Control planes drop updates when they fall behind, and what has ended may never end its stream.
 * Each subscription begins with the current state, so starting a new one now and then reads again: after
 * 20 to 40 seconds, so that many that began together do not come back together.
 */
const subscriptionMs = (): number => 20_000 * (1 + Math.random());
const mostFailures = 5;

const passing: ReadonlySet<FlyteErrorCode> = new Set<FlyteErrorCode>([
  "unavailable",
  "deadline_exceeded",
  "canceled",
  "internal",
]);

/**
 * Every state told, the current one first and again with each new subscription, until the last
 * one. Reconnects by itself.
 *
 * @throws FlyteError what ended the subscriptions, when five in a row told nothing;
 * `deadline_exceeded` only for the call's own time limit
 */
export async function* watchStates<Message, State>(
  watched: Watched<Message, State>,
  call: CallContext,
): AsyncGenerator<State, void, undefined> {
  let failures = 0;
  for (;;) {
    const { end, failure } = yield* readSubscription(watched, call);
    if (end === "told the last") return;
    failures = end === "told nothing" ? failures + 1 : 0;
    if (failures >= mostFailures) throw isTold(failure) ? failure : silent(watched);
    // A subscription that told something and then ran out of time is as good as any.
    if (end === "told nothing" || failure?.code !== "deadline_exceeded") {
      await pauseAfter(failure, call, toBackoffMs(Math.max(0, failures - 1), Math.random()));
    }
  }
}

interface SubscriptionEnd {
  readonly end: "told the last" | "told something" | "told nothing";
  readonly failure?: FlyteError;
}

/** The states of one subscription, and how it came to its end. */
async function* readSubscription<Message, State>(
  watched: Watched<Message, State>,
  call: CallContext,
): AsyncGenerator<State, SubscriptionEnd, undefined> {
  let end: SubscriptionEnd["end"] = "told nothing";
  try {
    for await (const message of watched.subscribe(withTimeLimit(call, subscriptionMs()))) {
      const told = watched.read(message);
      if (told === undefined) continue;
      end = "told something";
      yield told.state;
      if (told.isLast) return { end: "told the last" };
    }
    return { end };
  } catch (error) {
    const failure = toFlyteError(error);
    if (!isPassing(failure, call)) throw failure;
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

/** Whether a stream that failed so may go better when it is opened again, and there is time for it. */
export function isPassing(failure: FlyteError, call: CallContext): boolean {
  const hasEnded = call.signal?.aborted === true || performance.now() >= call.deadline;
  return !hasEnded && passing.has(failure.code);
}

/** Whether a failure says more than that a subscription stayed silent until its time was over. */
function isTold(failure: FlyteError | undefined): failure is FlyteError {
  return failure !== undefined && failure.code !== "deadline_exceeded";
}

function silent({ title }: { readonly title: string }): FlyteError {
  return new FlyteError(
    "unavailable",
    `The control plane told nothing of ${title} in ${mostFailures} watches in a row.`,
  );
}
