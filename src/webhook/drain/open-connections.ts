import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** A connection, with what goes on on it. */
interface Connection {
  /** Requests that are not answered yet, in their order. */
  readonly open: Map<IncomingMessage, ServerResponse>;
  /** When it was made or its last answer was out, as `performance.now()` tells. */
  idleSince: number;
}

/** The connections of a server, and what goes on on each. */
export class OpenConnections {
  readonly #all = new Map<Socket, Connection>();
  #taken = 0;
  #asked = 0;

  constructor(server: Server) {
    server.on("connection", (socket: Socket) => {
      this.#taken += 1;
      this.#all.set(socket, { open: new Map(), idleSince: performance.now() });
      socket.once("close", () => this.#all.delete(socket));
    });
    server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      this.#asked += 1;
      const connection = this.#all.get(request.socket);
      if (connection === undefined) return;
      connection.open.set(request, response);
      response.once("close", () => {
        connection.open.delete(request);
        connection.idleSince = performance.now();
      });
    });
  }

  /** How many connections were taken so far. */
  get taken(): number {
    return this.#taken;
  }

  /** How many requests have come so far. */
  get asked(): number {
    return this.#asked;
  }

  /** How many connections have, or had within so many milliseconds, a request. */
  usedWithin(ms: number): number {
    const since = performance.now() - ms;
    const all = [...this.#all.values()];
    return all.filter(({ open, idleSince }) => open.size > 0 || idleSince >= since).length;
  }

  /** Milliseconds until every connection without a request has been without one for so long; 0 when all have. */
  quietIn(quietMs: number): number {
    let longest = 0;
    for (const { open, idleSince } of this.#all.values()) {
      if (open.size > 0) continue;
      longest = Math.max(longest, idleSince + quietMs - performance.now());
    }
    return longest;
  }

  /** Gives each request that has not arrived whole to `answer`, and cuts off what has not become one. */
  cutUnfinished(answer: (response: ServerResponse) => boolean): void {
    for (const [socket, { open }] of this.#all) {
      const unfinished = [...open].find(([{ complete }]) => !complete);
      if (unfinished === undefined) {
        if (open.size === 0) socket.destroy();
        continue;
      }
      const [, response] = unfinished;
      // One that was answered before may wait for the answers of those before it.
      if (response.headersSent ? open.size === 1 : !answer(response)) socket.destroy();
    }
  }

  /** Gives each answer that has not begun to `answer`, and cuts off the others. */
  cutRunning(answer: (response: ServerResponse) => boolean): void {
    for (const [socket, { open }] of this.#all) {
      const isAnswered = [...open.values()].every(
        (response) => !response.headersSent && answer(response),
      );
      if (!isAnswered || open.size === 0) socket.destroy();
    }
  }
}
