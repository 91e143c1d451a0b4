import { FlyteError } from "../shared/errors.ts";
import type { ControlPlane } from "./control-plane.ts";
import { probeControlPlane } from "./probe-control-plane.ts";
import { sessionOf } from "./session-of.ts";

export interface CheckPassthroughOptions {
  /** Accepts a control plane that serves calls without a credential. @default false */
  readonly allowAnonymous?: boolean | undefined;
}

/** Longest time for the question, so that a start ends in one way or the other. */
const longestMs = 10_000;

/**
 * Asks the control plane one question without a credential: it has to be reachable, and to refuse.
 * Where it serves whoever asks, every caller would be the same user and no credential be looked at.
 * Any other answer of a server will do: what it says to a caller is the caller's affair.
 *
 * @throws FlyteError `unavailable` when it cannot be reached, and `invalid_config` when it serves
 * calls without a credential, each with the remedy
 */
export async function checkPassthrough(
  controlPlane: ControlPlane,
  { allowAnonymous = false }: CheckPassthroughOptions = {},
): Promise<void> {
  const timeoutMs = Math.min(sessionOf(controlPlane).options.timeoutMs, longestMs);
  let answer: Awaited<ReturnType<typeof probeControlPlane>>;
  try {
    answer = await probeControlPlane(controlPlane, { timeoutMs, insist: true });
  } catch (error) {
    if (FlyteError.is(error)) throw unreachable(controlPlane.endpoint, error);
    throw error;
  }
  if (answer === "served" && !allowAnonymous) throw anonymous(controlPlane.endpoint);
}

function unreachable(endpoint: string, cause: FlyteError): FlyteError {
  return new FlyteError(
    "unavailable",
    `The control plane at ${endpoint} does not answer: ${cause.message} Start it or correct the endpoint.`,
    { cause },
  );
}

function anonymous(endpoint: string): FlyteError {
  return new FlyteError(
    "invalid_config",
    `The control plane at ${endpoint} accepts calls without a credential, so passing on those of callers would mean nothing. Start the devbox without --allow-anonymous, turn authentication on, or accept it with allowAnonymous: true (--allow-anonymous on the command line).`,
  );
}
