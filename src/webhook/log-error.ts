import type { FastifyBaseLogger } from "fastify";

interface LoggedError {
  readonly name: string;
  readonly message: string;
  readonly code?: unknown;
  readonly stack?: string;
  readonly cause?: LoggedError;
}

/**
 * What of an error goes to the log: its text and its causes, and none of the members that
 * libraries hang on errors, such as the headers of the failed request.
 */
function toLogged(error: unknown, depth = 0): LoggedError {
  if (!(error instanceof Error)) return { name: typeof error, message: "not an Error" };
  return {
    name: error.name,
    message: error.message,
    ...("code" in error && typeof error.code !== "object" && { code: error.code }),
    ...(error.stack !== undefined && { stack: error.stack }),
    ...(error.cause !== undefined && depth < 5 && { cause: toLogged(error.cause, depth + 1) }),
  };
}

/** Logs what the caller is not told: an error of ours, or (a warning) a control plane out of reach. */
export function logError(
  logger: FastifyBaseLogger,
  requestId: string,
  error: unknown,
  level: "error" | "warn" = "error",
): void {
  logger[level]({ requestId, error: toLogged(error) }, "request failed");
}
