import type { FastifyBaseLogger, FastifyRequest } from "fastify";
import { redactor } from "./redact.ts";

type Redact = (text: string) => string;

interface LoggedError {
  readonly name: string;
  readonly message: string;
  readonly code?: unknown;
  readonly stack?: string;
  readonly cause?: LoggedError;
}

/**
 * What of an error goes to the log: its text and its causes, and none of the members that
 * libraries hang on errors, such as the headers of the failed request. The texts may quote the
 * credential that was sent; it is taken out.
 */
function toLogged(error: unknown, redact: Redact, depth = 0): LoggedError {
  if (!(error instanceof Error)) return { name: typeof error, message: "not an Error" };
  return {
    name: error.name,
    message: redact(error.message),
    ...("code" in error && typeof error.code !== "object" && { code: error.code }),
    ...(error.stack !== undefined && { stack: redact(error.stack) }),
    ...(error.cause !== undefined &&
      depth < 5 && { cause: toLogged(error.cause, redact, depth + 1) }),
  };
}

/** Logs what the caller is not told: an error of ours, or (a warning) a control plane out of reach. */
export function logError(
  logger: FastifyBaseLogger,
  { id: requestId, authMetadata }: FastifyRequest,
  error: unknown,
  level: "error" | "warn" = "error",
): void {
  logger[level]({ requestId, error: toLogged(error, redactor(authMetadata)) }, "request failed");
}
