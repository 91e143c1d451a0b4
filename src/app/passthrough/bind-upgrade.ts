import { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { bindEvents, type Scope } from "./bind-events.ts";

/** Whether the connection of a request has left HTTP, and is this request's alone from now on. */
export function isUpgrade(request: IncomingMessage): boolean {
  return "upgrade" in request && request.upgrade === true; // set by node:http, though not typed
}

/**
 * Runs all that arrives on an upgraded connection in `scope`, the messages of a WebSocket among it.
 *
 * Compression is taken out of what the client offers: `ws` decompresses the messages of all
 * connections in one queue, so that listeners would run with what another connection has bound.
 */
export function bindUpgrade(request: IncomingMessage, socket: Duplex, scope: Scope): void {
  bindEvents(socket, scope);
  delete request.headers["sec-websocket-extensions"];
}

/**
 * The upgrade behind a Fetch request on Node.js: Hono's server and its WebSockets hand on the request
 * of `node:http` as `incoming` of the environment.
 */
export function upgradeOf(environment: unknown): IncomingMessage | undefined {
  if (typeof environment !== "object" || environment === null) return undefined;
  if (!("incoming" in environment) || !(environment.incoming instanceof IncomingMessage)) {
    return undefined;
  }
  return isUpgrade(environment.incoming) ? environment.incoming : undefined;
}
