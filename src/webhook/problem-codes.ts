import type { FlyteErrorCode } from "../shared/errors.ts";

/** Every `code` a problem document of the webhook can carry. Public and stable. */
export type ProblemCode =
  | FlyteErrorCode
  | "invalid_request"
  | "self_reference"
  | "not_allowlisted"
  | "cross_site"
  | "endpoint_not_found"
  | "method_not_allowed"
  | "not_acceptable"
  | "request_timeout"
  | "payload_too_large"
  | "uri_too_long"
  | "unsupported_media_type"
  | "headers_too_large"
  | "bad_gateway"
  | "control_plane_failed"
  | "in_flight"
  | "rate_limited"
  | "overloaded"
  | "draining"
  | "bad_signature"
  | "audit_unavailable"
  | "no_audit_log"
  | "no_delivery";

export interface ProblemKind {
  /** The HTTP status. */
  readonly status: number;
  readonly title: string;
  /** The text shown in place of the error's own, where that may tell internals. */
  readonly text?: string;
  /** Sent as `Retry-After` when the error itself names no time, in seconds. */
  readonly retryAfterSeconds?: number;
}

const internal = { status: 500, title: "Internal error" } as const;

/** The one table from error code to HTTP status. */
export const problemKinds: Readonly<Record<ProblemCode, ProblemKind>> = {
  invalid_input: { status: 400, title: "Invalid input" },
  invalid_config: internal,
  not_initialized: internal,
  unauthenticated: {
    status: 401,
    title: "Unauthenticated",
    text: "The control plane did not accept the credentials.",
  },
  permission_denied: { status: 403, title: "Permission denied" },
  not_found: { status: 404, title: "Not found" },
  conflict: { status: 409, title: "Conflict" },
  payload_mismatch: { status: 422, title: "Repeated with another payload" },
  precondition_failed: { status: 400, title: "Precondition failed" },
  exhausted: {
    status: 429,
    title: "Too many requests",
    text: "The control plane asks for fewer requests. Try again later.",
    retryAfterSeconds: 1,
  },
  unimplemented: { status: 501, title: "Not implemented" },
  unavailable: {
    status: 503,
    title: "Control plane unavailable",
    text: "The control plane cannot be reached. Try again later.",
    retryAfterSeconds: 5,
  },
  deadline_exceeded: {
    status: 504,
    title: "Deadline exceeded",
    text: "The control plane did not answer in time.",
  },
  canceled: { status: 499, title: "Canceled", text: "The request was canceled." },
  run_failed: { status: 424, title: "Run failed" },
  app_failed: { status: 424, title: "App failed" },
  internal,
  invalid_request: { status: 422, title: "Invalid request" },
  self_reference: { status: 400, title: "Refers to itself" },
  not_allowlisted: { status: 403, title: "Not in the allowlist" },
  cross_site: { status: 403, title: "Sent by another site" },
  endpoint_not_found: { status: 404, title: "Endpoint not found" },
  method_not_allowed: { status: 405, title: "Method not allowed" },
  not_acceptable: { status: 406, title: "Not acceptable" },
  request_timeout: { status: 408, title: "Request timeout" },
  payload_too_large: { status: 413, title: "Body too large" },
  uri_too_long: { status: 414, title: "URL too long" },
  unsupported_media_type: { status: 415, title: "Unsupported media type" },
  headers_too_large: { status: 431, title: "Headers too large" },
  bad_gateway: { status: 502, title: "App cannot be called" },
  control_plane_failed: {
    status: 502,
    title: "Control plane failed",
    text: "The control plane failed, or what it answered cannot be read.",
  },
  in_flight: { status: 409, title: "The same request is under way", retryAfterSeconds: 1 },
  rate_limited: { status: 429, title: "Too many requests", retryAfterSeconds: 1 },
  overloaded: { status: 503, title: "Overloaded", retryAfterSeconds: 1 },
  draining: { status: 503, title: "Stopping", retryAfterSeconds: 1 },
  audit_unavailable: { status: 503, title: "Audit log unavailable", retryAfterSeconds: 5 },
  no_audit_log: { status: 404, title: "No audit log" },
  no_delivery: { status: 404, title: "No such delivery" },
  bad_signature: { status: 401, title: "Signature not accepted" },
};
