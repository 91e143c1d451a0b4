import { Code, ConnectError } from "@connectrpc/connect";
import { FlyteError } from "../../../src/shared/errors.ts";
import { ProblemError } from "../webhook/problem-error.ts";
import { UnreadableAnswer } from "../webhook/read-value.ts";

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
    const title = problemTitles[error.code] ?? "That did not work";
    return { title, detail: error.message, mayPass: false };
  }
  if (error instanceof ProblemError) return toProblemWords(error);
  if (error instanceof UnreadableAnswer) {
    const detail = `${error.message}. Is it another version than the console?`;
    return { title: "The webhook's answer cannot be read", detail, mayPass: false };
  }
  if (isUnreachable(error)) {
    const detail = "Is it still running? Start it with: flyte-webhook dev";
    return { title: "The devbox does not answer", detail, mayPass: true };
  }
  if (isDefect(error)) {
    const detail = `${String(error)}\nPlease report it in these words, with what you did.`;
    return { title: "The page has a defect", detail, mayPass: false };
  }
  const { code, rawMessage } = ConnectError.from(error);
  return {
    title: titles[code] ?? "That did not work",
    detail: rawMessage,
    mayPass: passing.has(code),
  };
}

/** By the codes that the webhook and this project’s own checks have. */
const problemTitles: Readonly<Record<string, string>> = {
  unauthenticated: "The webhook does not take your key",
  permission_denied: "You may not do this",
  not_allowlisted: "You may not do this",
  not_found: "There is no such thing",
  invalid_input: "This cannot be taken as it is",
  invalid_request: "This cannot be taken as it is",
  conflict: "This is not possible now",
};

function toProblemWords({ code, title, message, status }: ProblemError): ErrorWords {
  return {
    title: problemTitles[code] ?? title,
    detail: message,
    mayPass: status >= 500 || status === 429 || status === 409,
  };
}

/** Whether what was asked for is not there. */
export function isNotFound(error: unknown): boolean {
  if (FlyteError.is(error)) return error.code === "not_found";
  return ConnectError.from(error).code === Code.NotFound;
}

/**
 * Whether `fetch` failed, which throws a TypeError with words of each browser's own. Only what a call has
 * wrapped is taken for one.
 */
export function isUnreachable(error: unknown): boolean {
  return error instanceof ConnectError && error.cause instanceof TypeError;
}

/** What only code that is wrong throws. */
function isDefect(error: unknown): boolean {
  return [TypeError, ReferenceError, RangeError].some((kind) => error instanceof kind);
}

/** Whether a call or stream was ended by the page itself. */
export function isCanceled(error: unknown): boolean {
  if (error instanceof DOMException && error.name === "AbortError") return true;
  return error instanceof ConnectError && error.code === Code.Canceled;
}
