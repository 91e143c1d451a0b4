import { randomUUID } from "node:crypto";
import { FlyteError } from "../shared/errors.ts";
import { type Problem, type ProblemDocument, toDocument, toProblem } from "./problem.ts";
import type { ProblemCode } from "./problem-codes.ts";

export interface ProblemDocumentOptions {
  /** Ties the answer to a line of the log. @default a random UUID */
  readonly requestId?: string;
}

/** The faults of a request that frameworks find themselves. */
const byStatus: Readonly<Record<number, ProblemCode>> = {
  400: "invalid_input",
  404: "endpoint_not_found",
  405: "method_not_allowed",
  408: "request_timeout",
  413: "payload_too_large",
  414: "uri_too_long",
  415: "unsupported_media_type",
  422: "invalid_request",
};

/**
 * What an app answers when a handler has thrown: the problem document (RFC 9457) the webhook itself
 * would send, with its HTTP status in `status`. A framework's own error for a faulty request
 * (`statusCode` 400, 404, 405, 408, 413, 414, 415 or 422) keeps its status and message; of any
 * other error that is not a `FlyteError` nothing is shown but the request id.
 *
 * @example
 * ```ts
 * app.setErrorHandler((error, request, reply) => {
 *   const problem = problemDocument(error, { requestId: request.id });
 *   return reply.code(problem.status).type("application/problem+json").send(problem);
 * });
 * ```
 */
export function problemDocument(
  error: unknown,
  { requestId = randomUUID() }: ProblemDocumentOptions = {},
): ProblemDocument {
  return toDocument(requestFault(error) ?? toProblem(error, requestId), requestId);
}

function requestFault(error: unknown): Problem | undefined {
  if (FlyteError.is(error) || !(error instanceof Error) || !("statusCode" in error)) return;
  const code = byStatus[Number(error.statusCode)];
  return code && { code, detail: error.message };
}
