import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import { Code, ConnectError } from "@connectrpc/connect";
import { FlyteError } from "../../shared/errors.ts";

/** A request of either HTTP version. */
export type Request = IncomingMessage | Http2ServerRequest;

/** A response of either HTTP version; its methods differ only in details that are not used. */
export type Response = (ServerResponse | Http2ServerResponse) & {
  writeHead(status: number, headers: Readonly<Record<string, string>>): unknown;
  write(chunk: Uint8Array): boolean;
  flushHeaders(): void;
  end(body?: string | Uint8Array): unknown;
};

/** What HTTP/1.1 calls `Host` and HTTP/2 `:authority`. */
export function hostOf(request: Request): string | undefined {
  const authority = "authority" in request ? request.authority : undefined;
  return authority === undefined || authority === "" ? request.headers.host : authority;
}

/** The path without the query, not decoded. */
export function pathOf(request: Request): string {
  return request.url?.split("?", 1)[0] ?? "/";
}

/** Headers that are read one by one; `Headers` is such an object. */
export interface ReadableHeaders {
  get(name: string): string | null;
}

/** The headers of a request, by lower-case name and without a copy. */
export function headersOf({ headers }: Request): ReadableHeaders {
  return {
    get: (name) => {
      const value = headers[name];
      return typeof value === "string" ? value : null;
    },
  };
}

/** Answers with one line of text, or with the given headers and body. */
export function sendText(
  response: Response,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = { "content-type": "text/plain; charset=utf-8" },
): void {
  response.writeHead(status, {
    ...headers,
    "content-length": String(Buffer.byteLength(text)),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
  response.end(text);
}

/** Answers with JSON. */
export function sendJson(response: Response, status: number, value: unknown): void {
  sendText(response, status, `${JSON.stringify(value)}\n`, { "content-type": "application/json" });
}

/** For a body that is not read to its end: the connection cannot go on. */
export function closeAfter(request: Request, response: Response): void {
  if (request.httpVersionMajor === 1) response.setHeader("connection", "close");
}

/** The whole body. @throws FlyteError `exhausted` beyond `maxBytes` */
export async function readBody(request: Request, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let received = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    received += chunk.byteLength;
    if (received > maxBytes) {
      throw new FlyteError("exhausted", `The body may have at most ${maxBytes} bytes.`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * A body from its beginning, or as much of it as is more than `maxBytes`. It can be kept: it shares no
 * memory with what else is received.
 *
 * @throws ConnectError `aborted` when it breaks off
 */
export function readUpTo(request: Request, maxBytes: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let received = 0;
    const end = (): void => resolve(join(chunks, received));
    request.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      received += chunk.length;
      if (received <= maxBytes) return;
      request.pause();
      end();
    });
    request.once("end", end);
    request.once("error", (cause) =>
      reject(new ConnectError("The body broke off.", Code.Aborted, undefined, undefined, cause)),
    );
  });
}

function join(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
