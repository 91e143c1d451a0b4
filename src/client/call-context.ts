import { setTimeout as delay } from "node:timers/promises";
import { FlyteError } from "../shared/errors.ts";
import { type AuthMetadata, currentAuthMetadata } from "./auth-metadata.ts";
import type { CallOptions } from "./control-plane.ts";
import { toFlyteError } from "./errors.ts";

/** What holds for every request made on behalf of one call of the public API. */
export interface CallContext {
  readonly signal: AbortSignal | undefined;
  /** Point of `performance.now()`; infinite for none. Moves on while credentials are renewed. */
  deadline: number;
  /** Credential of this call alone; wins over the authenticator. */
  readonly auth: AuthMetadata | undefined;
  /** What `authMetadata` bound where the call was made, for calls that go on after it. */
  readonly bound: AuthMetadata | undefined;
}

/** @throws FlyteError `invalid_input` for a time limit that is none */
export function startCall(options: CallOptions | undefined, defaultTimeoutMs: number): CallContext {
  const timeoutMs = options?.timeoutMs ?? defaultTimeoutMs;
  if (!(timeoutMs > 0)) {
    throw new FlyteError("invalid_input", `timeoutMs is ${timeoutMs}; give a number above 0.`);
  }
  return {
    // Read when it is needed: a signal may be made on demand.
    get signal() {
      return options?.signal;
    },
    deadline: performance.now() + timeoutMs,
    auth: options?.auth,
    bound: undefined,
  };
}

/** The context of a call that lasts, such as a watch: without a time limit unless one is given. */
export function startLongCall(options: CallOptions | undefined): CallContext {
  return {
    ...startCall(options, Number.POSITIVE_INFINITY),
    bound: currentAuthMetadata(),
  };
}

/** The same call with less time. */
export function withTimeLimit(call: CallContext, timeoutMs: number): CallContext {
  return { ...call, deadline: Math.min(call.deadline, performance.now() + timeoutMs) };
}

/**
 * Waits, but neither beyond the call's deadline nor its signal.
 *
 * @throws FlyteError `deadline_exceeded` at once when the wait would end after the deadline, and
 * `canceled` when the signal ends it
 */
export async function pause(call: CallContext, ms: number): Promise<void> {
  if (performance.now() + ms >= call.deadline) {
    throw new FlyteError("deadline_exceeded", "The call took longer than allowed.");
  }
  try {
    await delay(ms, undefined, call.signal === undefined ? {} : { signal: call.signal });
  } catch (cause) {
    throw toFlyteError(cause);
  }
}
