import type { IncomingHttpHeaders } from "node:http";
import { maxMessageBytes } from "./rpc-options.ts";

/** What the headers of a unary call say about its body and its answer. */
export interface UnaryForm {
  /** Bytes of the body as sent. */
  readonly length: number;
  /** Milliseconds the client waits; undefined without a limit. */
  readonly timeoutMs: number | undefined;
  /** Whether a long answer is to be compressed; undefined leaves it to the form of the body. */
  readonly gzipAnswer: boolean | undefined;
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
  const timeout = headers["connect-timeout-ms"];
  const timeoutMs = readNumber(timeout);
  if (timeout !== undefined && timeoutMs === undefined) return undefined;
  return { length, timeoutMs, gzipAnswer: acceptsGzip(headers["accept-encoding"]) };
}

function readNumber(text: string | readonly string[] | undefined): number | undefined {
  return typeof text === "string" && /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}

function acceptsGzip(accepted: string | readonly string[] | undefined): boolean | undefined {
  if (typeof accepted !== "string" || accepted === "") return undefined;
  return accepted.split(",").some((name) => name.trim() === "gzip");
}
