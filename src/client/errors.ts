import { Code, ConnectError } from "@connectrpc/connect";
import { FlyteError, type FlyteErrorCode } from "../shared/errors.ts";

const byCode: Readonly<Record<Code, FlyteErrorCode>> = {
  [Code.Canceled]: "canceled",
  [Code.Unknown]: "internal",
  [Code.InvalidArgument]: "invalid_input",
  [Code.DeadlineExceeded]: "deadline_exceeded",
  [Code.NotFound]: "not_found",
  [Code.AlreadyExists]: "conflict",
  [Code.PermissionDenied]: "permission_denied",
  [Code.ResourceExhausted]: "exhausted",
  [Code.FailedPrecondition]: "precondition_failed",
  [Code.Aborted]: "conflict",
  [Code.OutOfRange]: "invalid_input",
  [Code.Unimplemented]: "unimplemented",
  [Code.Internal]: "internal",
  [Code.Unavailable]: "unavailable",
  [Code.DataLoss]: "internal",
  [Code.Unauthenticated]: "unauthenticated",
};

const longestMessage = 4_000;

/**
 * Turns whatever a call threw into our error: the one place where Connect's codes become ours. The
 * message is the server's own, without a code in front; control characters are dropped.
 */
export function toFlyteError(error: unknown): FlyteError {
  if (FlyteError.is(error)) return error;
  if (!(error instanceof ConnectError)) return fromOther(error);
  if (FlyteError.is(error.cause)) return error.cause;
  if (error.code === Code.Canceled && isTimeout(error.cause)) {
    return new FlyteError("deadline_exceeded", "The call took longer than allowed.", {
      cause: error,
    });
  }
  const code = byCode[error.code] ?? "internal";
  const message =
    error.rawMessage === "" ? `The control plane answered ${code}.` : error.rawMessage;
  const retryAfterMs = readRetryAfterMs(error.metadata.get("retry-after"), Date.now());
  return new FlyteError(code, toPlainText(message), {
    cause: error,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** The delay a `Retry-After` header asks for, given in seconds or as a date (RFC 9110, 10.2.3). */
export function readRetryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
  // Date.parse takes much that is no HTTP date, numbers among it.
  const time = /^[A-Z][a-z]{2}, /.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(time) ? undefined : Math.max(0, time - nowMs);
}

function fromOther(error: unknown): FlyteError {
  const name = error instanceof Error ? error.name : "";
  if (name === "AbortError") {
    // Timers of Node.js keep the signal's reason as the cause of their AbortError.
    const { cause } = error as Error;
    if (FlyteError.is(cause)) return cause;
    if (!isTimeout(cause))
      return new FlyteError("canceled", "The call was canceled.", { cause: error });
  }
  if (name === "AbortError" || isTimeout(error)) {
    return new FlyteError("deadline_exceeded", "The call took longer than allowed.", {
      cause: error,
    });
  }
  return new FlyteError("internal", "A call to the control plane failed unexpectedly.", {
    cause: error,
  });
}

function isTimeout(cause: unknown): boolean {
  return cause instanceof Error && cause.name === "TimeoutError";
}

function toPlainText(message: string): string {
  const text = message.replace(/[\p{Cc}\p{Cf}]+/gu, " ").trim();
  return text.length > longestMessage ? `${text.slice(0, longestMessage)}…` : text;
}
