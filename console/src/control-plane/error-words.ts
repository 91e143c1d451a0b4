import { Code, ConnectError } from "@connectrpc/connect";
import { FlyteError } from "../../../src/shared/errors.ts";

/** An error as a person reads it: what happened, and what to do. */
export interface ErrorWords {
  readonly title: string;
  readonly detail: string;
  /** Whether the same call may succeed later. */
  readonly mayPass: boolean;
}

const titles: Readonly<Partial<Record<Code, string>>> = {
  [Code.Unauthenticated]: "You are not signed in",
  [Code.PermissionDenied]: "You may not do this",
  [Code.NotFound]: "There is no such thing",
  [Code.InvalidArgument]: "This cannot be taken as it is",
  [Code.AlreadyExists]: "There is one already",
  [Code.FailedPrecondition]: "This is not possible now",
  [Code.Aborted]: "Somebody else changed it meanwhile",
  [Code.ResourceExhausted]: "This is too much",
  [Code.Unimplemented]: "This devbox cannot do that",
  [Code.Unavailable]: "The devbox does not answer",
  [Code.DeadlineExceeded]: "The devbox does not answer in time",
};

const passing: ReadonlySet<Code> = new Set([
  Code.Unavailable,
  Code.DeadlineExceeded,
  Code.Internal,
  Code.Unknown,
  Code.Aborted,
  Code.ResourceExhausted,
]);

/** Says an error of a call, or of a check before it, in words. */
export function toWords(error: unknown): ErrorWords {
  if (FlyteError.is(error)) {
    return { title: "This cannot be taken as it is", detail: error.message, mayPass: false };
  }
  if (isUnreachable(error)) {
    const detail = "Is it still running? Start it with: flyte-webhook dev";
    return { title: "The devbox does not answer", detail, mayPass: true };
  }
  const { code, rawMessage } = ConnectError.from(error);
  return {
    title: titles[code] ?? "That did not work",
    detail: rawMessage,
    mayPass: passing.has(code),
  };
}

/** `fetch` throws a TypeError, with words of each browser's own. */
function isUnreachable(error: unknown): boolean {
  if (error instanceof TypeError) return true;
  return error instanceof ConnectError && error.cause instanceof TypeError;
}

/** Whether a call or stream was ended by the page itself. */
export function isCanceled(error: unknown): boolean {
  if (error instanceof DOMException && error.name === "AbortError") return true;
  return error instanceof ConnectError && error.code === Code.Canceled;
}
