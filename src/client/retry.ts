import { Code, ConnectError } from "@connectrpc/connect";
import { FlyteError } from "../shared/errors.ts";
import { readRetryAfterMs } from "./errors.ts";

const transient: ReadonlySet<Code> = new Set([
  Code.Unavailable,
  Code.ResourceExhausted,
  Code.Internal,
]);

/** Whether a call that may be repeated could go better a second time. */
export function isTransient(error: unknown): error is ConnectError {
  return error instanceof ConnectError && transient.has(error.code) && !FlyteError.is(error.cause);
}

/**
 * How long to wait before try number `retry` (the first retry is 0): half a second doubled each
 * time up to ten, times 0.5 to 1.5, and never less than the server asked for.
 */
export function toBackoffMs(retry: number, random: number, error?: unknown): number {
  const backoffMs = Math.min(10_000, 500 * 2 ** Math.min(retry, 30)) * (0.5 + random);
  const header = error instanceof ConnectError ? error.metadata.get("retry-after") : null;
  return Math.max(backoffMs, readRetryAfterMs(header, Date.now()) ?? 0);
}
