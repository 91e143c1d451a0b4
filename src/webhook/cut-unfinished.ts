import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/**
 * Keeps a server that is closing from waiting for requests that never arrive whole: Node.js stops
 * watching for those once a server closes. Requests that have arrived are left to end.
 *
 * @returns starts the waiting; what has not arrived `graceMs` later is cut off
 */
export function cutUnfinished(server: Server, graceMs: number): () => void {
  /** Every open connection, with the request that is being answered on it. */
  const open = new Map<Socket, IncomingMessage | undefined>();
  server.on("connection", (socket: Socket) => {
    open.set(socket, undefined);
    socket.once("close", () => open.delete(socket));
  });
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    open.set(socket, request);
    response.once("close", () => {
      if (open.get(socket) === request) open.set(socket, undefined);
    });
  });
  return () => {
    const cutting = setInterval(() => {
      for (const [socket, request] of open) if (request?.complete !== true) socket.destroy();
    }, graceMs).unref();
    server.once("close", () => clearInterval(cutting));
  };
}
