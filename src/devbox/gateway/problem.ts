/** Every `code` of a problem document of the gateway. */
export type GatewayProblemCode =
  | "invalid_request"
  | "unauthenticated"
  | "permission_denied"
  | "not_found"
  | "method_not_allowed"
  | "request_timeout"
  | "expectation_failed"
  | "headers_too_large"
  | "internal"
  | "bad_gateway"
  | "unavailable"
  | "app_stopped"
  | "app_failed"
  | "exhausted"
  | "deadline_exceeded";

interface Kind {
  readonly status: number;
  readonly title: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const kinds: Readonly<Record<GatewayProblemCode, Kind>> = {
  invalid_request: { status: 400, title: "Invalid request" },
  unauthenticated: {
    status: 401,
    title: "Unauthenticated",
    headers: { "www-authenticate": "Bearer" },
  },
  permission_denied: { status: 403, title: "Permission denied" },
  not_found: { status: 404, title: "No app at this address" },
  method_not_allowed: {
    status: 405,
    title: "Method not allowed",
    headers: { allow: "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS" },
  },
  request_timeout: { status: 408, title: "Request timeout" },
  expectation_failed: { status: 417, title: "Expectation failed" },
  headers_too_large: { status: 431, title: "Headers too large" },
  internal: { status: 500, title: "Internal error" },
  bad_gateway: { status: 502, title: "App broke off" },
  unavailable: { status: 503, title: "Not available", headers: { "retry-after": "1" } },
  app_stopped: { status: 503, title: "App stopped" },
  app_failed: { status: 503, title: "App failed", headers: { "retry-after": "5" } },
  exhausted: { status: 503, title: "Too many requests wait", headers: { "retry-after": "1" } },
  deadline_exceeded: { status: 504, title: "Deadline exceeded" },
};

/** What the gateway answers in place of an app. Its message is for the caller. */
export class GatewayProblem extends Error {
  override readonly name = "GatewayProblem";
  readonly code: GatewayProblemCode;
  /** Whether the connection cannot be trusted to be read on. */
  readonly closes: boolean;

  constructor(code: GatewayProblemCode, detail: string, options: { closes?: boolean } = {}) {
    super(detail);
    this.code = code;
    this.closes = options.closes ?? code === "invalid_request";
  }
}

/** A problem document (RFC 9457) as an answer. */
export interface ProblemAnswer {
  readonly status: number;
  readonly title: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export function toProblemAnswer(
  { code, message }: GatewayProblem,
  requestId: string,
): ProblemAnswer {
  const { status, title, headers = {} } = kinds[code];
  const type = `urn:flyte-webhook:problem:${code}`;
  const body = `${JSON.stringify({ type, title, status, detail: message, code, requestId })}\n`;
  return {
    status,
    title,
    body,
    headers: {
      "content-type": "application/problem+json",
      "content-length": String(Buffer.byteLength(body)),
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "x-request-id": requestId,
      ...headers,
    },
  };
}
