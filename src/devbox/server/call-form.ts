import type { IncomingHttpHeaders } from "node:http";
import { maxMessageBytes } from "./rpc-options.ts";

/** What the headers of a unary call say about its body and its answer. */
export interface UnaryForm extends StreamForm {
  /** Bytes of the body as sent. */
  readonly length: number;
  /** Whether a long answer is to be compressed; undefined leaves it to the form of the body. */
  readonly gzipAnswer: boolean | undefined;
}

/** What the headers of a call that is answered by a stream say. */
export interface StreamForm {
  /** Milliseconds the client waits; undefined without a limit. */
  readonly timeoutMs: number | undefined;
}

/**
 * Reads the headers of a unary call of the Connect protocol with the binary codec. Undefined for
 * anything but the plainest form: another codec or protocol, an unknown compression, a body of
 * unknown or forbidden length, a value that has to be complained about.
 *
 * @see https://connectrpc.com/docs/protocol#unary-request
 */
export function readUnaryForm(headers: IncomingHttpHeaders): UnaryForm | undefined {
  if (headers["content-type"] !== "application/proto") return undefined;
  const encoding = headers["content-encoding"];
  if (encoding !== undefined && encoding !== "identity" && encoding !== "gzip") return undefined;
  const length = readNumber(headers["content-length"]);
  if (length === undefined || length > maxMessageBytes) return undefined;
  const rest = readTimeout(headers);
  return rest && { ...rest, length, gzipAnswer: acceptsGzip(headers["accept-encoding"]) };
}

/**
 * The same for a call that is answered by a stream. Compressed streams have not the plainest form.
 *
 * @see https://connectrpc.com/docs/protocol#streaming-request
 */
export function readStreamForm(headers: IncomingHttpHeaders): StreamForm | undefined {
  if (headers["content-type"] !== "application/connect+proto") return undefined;
  const encoding = headers["connect-content-encoding"];
  if (encoding !== undefined && encoding !== "identity") return undefined;
  if (acceptsGzip(headers["connect-accept-encoding"]) === true) return undefined;
  return readTimeout(headers);
}

function readTimeout(headers: IncomingHttpHeaders): StreamForm | undefined {
  const timeout = headers["connect-timeout-ms"];
  if (timeout === undefined) return { timeoutMs: undefined };
  const timeoutMs = readNumber(timeout);
  return timeoutMs === undefined ? undefined : { timeoutMs };
}

function readNumber(text: string | readonly string[] | undefined): number | undefined {
  return typeof text === "string" && /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}

function acceptsGzip(accepted: string | readonly string[] | undefined): boolean | undefined {
  if (typeof accepted !== "string" || accepted === "") return undefined;
  return accepted.split(",").some((name) => name.trim() === "gzip");
}
