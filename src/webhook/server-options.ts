import { randomUUID } from "node:crypto";
import type { Server } from "node:http";
import type { Socket } from "node:net";
import {
  type FastifyHttpOptions,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from "fastify";
import { toDocument } from "./problem.ts";
import type { ProblemCode } from "./problem-codes.ts";
import type { Refusal } from "./record/request-record.ts";
import { requestId } from "./request-id.ts";
import type { ResolvedOptions } from "./resolve-options.ts";
import { securityHeaders } from "./security-headers.ts";

/** Request line and headers together, in bytes. */
const maxHeaderBytes = 16 * 1024;

/** Longest time for the request line and headers: they are small, and nothing is known of who sends them. */
const headersTimeoutMs = 20_000;

/** Longest time between two looks at requests that do not arrive. */
const lookEveryMs = 10_000;

/** What is wrong with a request that did not become one, by the code of the HTTP parser. */
const clientErrors: Readonly<Record<string, readonly [code: ProblemCode, detail: string]>> = {
  HPE_HEADER_OVERFLOW: [
    "headers_too_large",
    `The address and headers are longer than the ${maxHeaderBytes} bytes allowed here.`,
  ],
  ERR_HTTP_REQUEST_TIMEOUT: ["request_timeout", "The request did not arrive in time."],
};

/** Answers what the HTTP parser refused; there is no request to speak of. */
function answerClientError(
  error: Error & { readonly code?: string },
  socket: Socket,
  onRefused: (refusal: Refusal) => void,
): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const [code, detail] = clientErrors[error.code ?? ""] ?? [
    "invalid_input",
    "The request is not acceptable HTTP.",
  ];
  const id = randomUUID();
  const document = toDocument({ code, detail }, id);
  const { status } = document;
  onRefused({ requestId: id, client: socket.remoteAddress, status, problem: code });
  const body = JSON.stringify(document);
  const headers = {
    ...securityHeaders,
    "x-request-id": id,
    "content-type": "application/problem+json",
    "content-length": String(Buffer.byteLength(body)),
    connection: "close",
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${document.status} ${document.title}\r\n${lines.join("")}\r\n${body}`);
}

/** How the HTTP server and the router are set up. */
export function serverOptions(
  { trustedProxies, requestTimeoutMs, keepAliveTimeoutMs }: ResolvedOptions,
  onUnroutable: (request: FastifyRequest, reply: FastifyReply) => void,
  onRefused: (refusal: Refusal) => void,
): FastifyHttpOptions<Server> {
  return {
    logController: new LogController({ disableRequestLogging: true }),
    exposeHeadRoutes: false,
    return503OnClosing: false,
    trustProxy: trustedProxies.length > 0 && [...trustedProxies],
    forceCloseConnections: "idle",
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    requestIdHeader: false,
    genReqId: (request) => requestId(request.headers),
    routerOptions: { maxParamLength: maxHeaderBytes },
    http: {
      maxHeaderSize: maxHeaderBytes,
      requestTimeout: requestTimeoutMs,
      headersTimeout: Math.min(headersTimeoutMs, requestTimeoutMs),
      connectionsCheckingInterval: Math.min(lookEveryMs, requestTimeoutMs),
    },
    frameworkErrors: (_error, request, reply) => onUnroutable(request, reply),
    clientErrorHandler: (error, socket) => answerClientError(error, socket, onRefused),
  };
}
