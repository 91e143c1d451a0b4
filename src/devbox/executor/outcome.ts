import { fromBinary } from "@bufbuild/protobuf";
import {
  ContainerError_Kind,
  type ErrorDocument,
  ErrorDocumentSchema,
  ExecutionError_ErrorKind,
} from "../../idl/execution.ts";
import type { AttemptResult } from "./executor.ts";

/** How a process ended, or why it never began. */
export type ProcessEnd =
  | {
      readonly kind: "exited";
      /** Absent when a signal ended it. */
      readonly exitCode: number | undefined;
      readonly signal: string | undefined;
    }
  | { readonly kind: "not_started"; readonly errorCode: string; readonly command: string };

/** All that decides the result of an attempt that was neither aborted nor timed out. */
export interface AttemptEnd {
  readonly end: ProcessEnd;
  /** Contents of `error.pb`; absent when the file is. */
  readonly errorDocument: Uint8Array | undefined;
  /** The last lines written to stderr. */
  readonly stderrTail: string;
  readonly podName: string;
  readonly outputsUri: string;
}

const SIGKILL_EXIT = 137;

/**
 * Decides an attempt's result by Flyte's exit contract: exit 0 with an `error.pb` is the failure
 * that the file describes, exit 0 without one is success, SIGKILL is a failure of the system, and
 * any other exit is a failure of the task that another attempt may mend.
 */
export function toResult(attempt: AttemptEnd): AttemptResult {
  const { end } = attempt;
  if (end.kind === "not_started") return notStarted(end.command, end.errorCode);
  if (end.signal === "SIGKILL" || end.exitCode === SIGKILL_EXIT) return killed(attempt);
  const failedExit = end.exitCode !== 0;
  if (attempt.errorDocument !== undefined) return documented(attempt.errorDocument, failedExit);
  if (!failedExit) return { kind: "succeeded", outputsUri: attempt.outputsUri };
  return {
    kind: "failed",
    retryable: true,
    error: { code: "NonZeroExit", kind: "user", message: exitMessage(attempt, "Error") },
  };
}

function notStarted(command: string, errorCode: string): AttemptResult {
  const [code, what] =
    errorCode === "ENOENT"
      ? ["CommandNotFound", `was not found on the PATH; install it where the devbox runs`]
      : ["CommandNotStarted", `could not be started (${errorCode}); make it an executable file`];
  const message = `The task's command ${JSON.stringify(command)} ${what}, or change the task's container args.`;
  return { kind: "failed", retryable: false, error: { code, kind: "user", message } };
}

function killed(attempt: AttemptEnd): AttemptResult {
  return {
    kind: "failed",
    retryable: true,
    error: { code: "Interrupted", kind: "system", message: exitMessage(attempt, "Killed") },
  };
}

function documented(bytes: Uint8Array, failedExit: boolean): AttemptResult {
  const error = parseErrorDocument(bytes)?.error;
  if (error === undefined) {
    const message = "The task left an error.pb that is not an ErrorDocument.";
    const malformed = { code: "MalformedErrorDocument", kind: "user", message } as const;
    return { kind: "failed", retryable: true, error: malformed };
  }
  return {
    kind: "failed",
    retryable: failedExit || error.kind === ContainerError_Kind.RECOVERABLE,
    error: {
      code: error.code === "" ? "UnknownError" : error.code,
      message: error.message,
      kind: error.origin === ExecutionError_ErrorKind.SYSTEM ? "system" : "user",
    },
  };
}

function parseErrorDocument(bytes: Uint8Array): ErrorDocument | undefined {
  try {
    return fromBinary(ErrorDocumentSchema, bytes);
  } catch {
    return undefined;
  }
}

function exitMessage({ end, podName, stderrTail }: AttemptEnd, reason: string): string {
  const exit = end.kind === "exited" ? (end.exitCode ?? end.signal ?? "unknown") : "unknown";
  return `[${podName}] terminated with exit code (${exit}). Reason [${reason}]. Message: ${stderrTail}.`;
}
