import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Exchange } from "./exchange.ts";
import { type GatewayProblem, toProblemAnswer } from "./problem.ts";

/** How much of a refused body is read, and for how long, so that its sender gets to see the answer. */
const lingerBytes = 1024 * 1024;
const lingerMs = 2_000;

/**
 * Answers a request that does not reach an app, or whose app does not answer. A body is not waited
 * for: where one is on its way the connection ends with the answer.
 */
export function answerProblem(
  { request, response, id }: Pick<Exchange, "request" | "response" | "id">,
  problem: GatewayProblem,
): void {
  if (response.destroyed) return;
  const { status, headers, body } = toProblemAnswer(problem, id);
  const isUnread = announcesBody(request) && !request.complete;
  const closes = problem.closes || isUnread || !response.shouldKeepAlive;
  if (closes) response.shouldKeepAlive = false;
  response.writeHead(status, closes ? { ...headers, connection: "close" } : headers);
  if (!isUnread) {
    response.end(body);
    return;
  }
  // Closed at once, the connection would be reset by what is still coming, and the answer lost.
  response.write(body);
  let left = lingerBytes;
  const end = (): void => {
    clearTimeout(timer);
    response.end();
  };
  const timer = setTimeout(end, lingerMs);
  response.once("close", () => clearTimeout(timer));
  request.on("data", (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) end();
  });
  request.once("end", end);
  request.once("error", end);
}

/** Whether a body follows the head, in whatever framing. */
function announcesBody({ headers }: IncomingMessage): boolean {
  return (
    headers["transfer-encoding"] !== undefined || !/^0*$/.test(headers["content-length"] ?? "")
  );
}

/** Answers on a connection that no longer is one of HTTP, and ends it. */
export function answerOnSocket(socket: Socket, problem: GatewayProblem): void {
  const { status, title, headers, body } = toProblemAnswer(problem, randomUUID());
  const lines = Object.entries({ ...headers, connection: "close" });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  socket.end(`HTTP/1.1 ${status} ${title}\r\n${head}\r\n${body}`);
  setTimeout(() => socket.destroy(), lingerMs).unref();
}
