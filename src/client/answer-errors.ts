import type { IncomingHttpHeaders } from "node:http";
import { Code, ConnectError } from "@connectrpc/connect";
import { FlyteError, type FlyteErrorCode } from "../shared/errors.ts";
import type { ExchangeFailure, UnaryAnswer } from "./unary-exchange.ts";

/** Names of the codes as the Connect protocol writes them. */
const codes = new Map<string, Code>(
  Object.entries(Code).flatMap(([name, code]) =>
    typeof code === "number"
      ? [[name.replace(/(?<=[a-z])[A-Z]/g, "_$&").toLowerCase(), code] as const]
      : [],
  ),
);

/** https://connectrpc.com/docs/protocol/#http-to-error-code */
function codeOfStatus(status: number): Code {
  if (status === 400) return Code.Internal;
  if (status === 401) return Code.Unauthenticated;
  if (status === 403) return Code.PermissionDenied;
  if (status === 404) return Code.Unimplemented;
  if (status === 429 || (status >= 502 && status <= 504)) return Code.Unavailable;
  return Code.Unknown;
}

/** Errors of calls that took no effect: nothing was sent, or something refused it before it was heard. */
const ineffective = new WeakSet<ConnectError>();

/** The codes of failures that do not say what became of a call. */
const unclear: ReadonlySet<Code> = new Set([
  Code.Canceled,
  Code.Unknown,
  Code.DeadlineExceeded,
  Code.Internal,
  Code.Unavailable,
  Code.DataLoss,
]);

/** Whether a call that ended in this may have taken effect all the same. */
export function mayHaveHappened(error: unknown): boolean {
  return error instanceof ConnectError && unclear.has(error.code) && !ineffective.has(error);
}

/** The error, marked as one of a call that took no effect. */
export function withoutEffect(error: ConnectError): ConnectError {
  ineffective.add(error);
  return error;
}

/** An error that no second try can mend; `toFlyteError` gives back the inner one. */
export function finalError(code: FlyteErrorCode, message: string, cause?: unknown): ConnectError {
  const inner = new FlyteError(code, message, { cause });
  return new ConnectError(message, Code.Unknown, undefined, undefined, inner);
}

/** The error in an answer with another status than 200, whatever its body turns out to be. */
export function toAnswerError(answer: UnaryAnswer): ConnectError {
  const error = readAnswerError(answer);
  return isRefusal(answer.status) ? withoutEffect(error) : error;
}

/** What these statuses answer was not processed; 408 may tell of an answer that took too long. */
function isRefusal(status: number): boolean {
  return status >= 300 && status < 500 && status !== 408 && status !== 499;
}

function readAnswerError(answer: UnaryAnswer): ConnectError {
  const { status, headers } = answer;
  const metadata = toHeaders(headers);
  const fallback = codeOfStatus(status);
  const type = mediaType(headers);
  const body = type === "application/json" ? parseObject(answer.body) : undefined;
  if (body === undefined) {
    const shown = type === "" ? "no content type" : `content type ${JSON.stringify(type)}`;
    const message =
      `The endpoint answered with HTTP status ${status} and ${shown}, which is not how a Flyte ` +
      "control plane reports errors. Check the endpoint and what stands in front of it.";
    return new ConnectError(message, fallback, metadata);
  }
  const code = typeof body["code"] === "string" ? codes.get(body["code"]) : fallback;
  const message = typeof body["message"] === "string" ? body["message"] : "";
  const error = new ConnectError(message, code ?? Code.Unavailable, metadata);
  error.details = toDetails(body["details"]);
  return error;
}

/** Why an answer with status 200 cannot be read; undefined when it can. */
export function findUnreadable(
  baseUrl: string,
  headers: IncomingHttpHeaders,
  expected = "application/proto",
): ConnectError | undefined {
  const type = mediaType(headers);
  if (type !== expected) {
    return finalError(
      "internal",
      `${baseUrl} answered with content type ${JSON.stringify(type)} where "${expected}" was ` +
        "expected. Check that the endpoint is a Flyte control plane.",
    );
  }
  const encoding = headers["content-encoding"];
  if (encoding === undefined || encoding === "identity") return undefined;
  return finalError("internal", `${baseUrl} compressed its answer although it was asked not to.`);
}

/** The error for an exchange that ended without an answer. */
export function toFailureError(
  baseUrl: string,
  failure: ExchangeFailure,
  max: number,
): ConnectError {
  const error = describeFailure(baseUrl, failure, max);
  return failure.progress === "waiting" ? withoutEffect(error) : error;
}

function describeFailure(baseUrl: string, failure: ExchangeFailure, max: number): ConnectError {
  if (failure.reason === "aborted") {
    return new ConnectError(
      "The call was canceled.",
      Code.Canceled,
      undefined,
      undefined,
      failure.cause,
    );
  }
  if (failure.reason === "timeout") {
    return new ConnectError(`${baseUrl} did not answer in time.`, Code.DeadlineExceeded);
  }
  if (failure.reason === "too-large") {
    return finalError(
      "internal",
      `The answer of ${baseUrl} is longer than the limit of ${max} bytes.`,
    );
  }
  return toConnectionError(baseUrl, failure);
}

function toConnectionError(baseUrl: string, { progress, cause }: ExchangeFailure): ConnectError {
  const code = errorCode(cause);
  if (/CERT|SELF_SIGNED|UNABLE_TO|ALTNAME/.test(code)) {
    const message = `The certificate of ${baseUrl} is not trusted (${code}). Name its authority with caCertFile.`;
    return finalError("unavailable", message, cause);
  }
  if (/^EPROTO$|SSL|TLS/.test(code)) {
    const message = `${baseUrl} does not speak TLS (${code}). Use http:// if it is meant to be plain.`;
    return finalError("unavailable", message, cause);
  }
  if (/^UND_ERR_INVALID_ARG$|^UND_ERR_(DESTROYED|CLOSED)$/.test(code)) {
    return finalError("canceled", `The client of ${baseUrl} is closed.`, cause);
  }
  const what =
    progress === "waiting"
      ? `Cannot connect to ${baseUrl} (${code}). Check that it is running and reachable.`
      : `The connection to ${baseUrl} was lost before the whole answer came (${code}). What was asked for may have happened.`;
  return new ConnectError(what, Code.Unavailable, undefined, undefined, cause);
}

/** Whether the peer closed the connection without a byte of an answer, as it may when idle. */
export function isLostConnection({ reason, progress, cause }: ExchangeFailure): boolean {
  if (reason !== "connection" || progress !== "sent") return false;
  return /^(ECONNRESET|EPIPE|UND_ERR_SOCKET)$/.test(errorCode(cause));
}

function errorCode(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  return typeof code === "string" ? code : "no code";
}

function mediaType(headers: IncomingHttpHeaders): string {
  const type = headers["content-type"];
  return typeof type === "string" ? (type.split(";", 1)[0] ?? "").trim().toLowerCase() : "";
}

export function toHeaders(headers: IncomingHttpHeaders): Headers {
  const result = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    for (const one of Array.isArray(value) ? value : [value ?? ""]) {
      // Header bytes beyond what fetch allows must not hide the error they came with.
      if (/^[\t -~]*$/.test(one)) result.append(name, one);
    }
  }
  return result;
}

function parseObject(body: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString("utf8"));
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    return { ...value };
  } catch {
    return undefined;
  }
}

function toDetails(value: unknown): ConnectError["details"] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((detail: unknown) => {
    if (typeof detail !== "object" || detail === null) return [];
    const { type, value: bytes } = { type: undefined, value: undefined, ...detail };
    if (typeof type !== "string" || typeof bytes !== "string") return [];
    return [{ type, value: new Uint8Array(Buffer.from(bytes, "base64")) }];
  });
}
