import type { FastifyBaseLogger, FastifyRequest } from "fastify";
import type { AuthMetadata } from "../client/auth-metadata.ts";
import type { ProblemCode } from "./problem-codes.ts";
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

/** Problems of the operator, whose causes a caller is not shown. */
const outages: ReadonlySet<ProblemCode> = new Set(["unavailable", "deadline_exceeded"]);

/**
 * Logs an error that ended a request, when it is one for the operator.
 *
 * @param auth - the credential that may be quoted in it, where that is not the caller's
 */
export function logFailure(
  logger: FastifyBaseLogger | undefined,
  { id, authMetadata }: Pick<FastifyRequest, "id" | "authMetadata">,
  error: unknown,
  code: ProblemCode,
  auth: AuthMetadata | null = authMetadata,
): void {
  if (logger === undefined) return;
  if (code === "internal" || code === "control_plane_failed") logError(logger, id, error, auth);
  else if (outages.has(code)) logError(logger, id, error, auth, "warn");
}

/** Logs what the caller is not told: an error of ours, or (a warning) a control plane out of reach. */
function logError(
  logger: FastifyBaseLogger,
  requestId: string,
  error: unknown,
  auth: AuthMetadata | null,
  level: "error" | "warn" = "error",
): void {
  logger[level]({ requestId, error: toLogged(error, redactor(auth)) }, "request failed");
}
