import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { FlyteError } from "../../shared/errors.ts";
import { createAdmission, type PassthroughOptions } from "./admission.ts";
import { type FetchAnswer, wrapFetchHandler } from "./fetch-passthrough.ts";
import { wrapRequestListener, wrapUpgradeListener } from "./node-passthrough.ts";

/**
 * Wraps the handler of a server: every call to a control plane made while a request is handled
 * carries that request's own credential, and no other request's. That holds in later awaits, in
 * streams and in what happens on the request, the response or the upgraded connection. A request
 * without a credential is answered with 401, one with a doubtful credential with 400, and never
 * reaches the handler; a refused upgrade is answered likewise, and its connection closed.
 *
 * Takes a listener of `request` or `upgrade` of `node:http`, among them Express and Connect apps, or
 * a handler of Fetch requests, such as the `fetch` of a Hono app.
 *
 * @example
 * ```ts
 * const server = createServer(withPassthrough(app, { excludedPaths: ["/health"] }));
 *
 * const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) =>
 *   sockets.handleUpgrade(request, socket, head, (client) => client.on("message", answer));
 * server.on("upgrade", withPassthrough(upgrade));
 *
 * serve({ fetch: withPassthrough(hono.fetch) });
 * ```
 *
 * @throws FlyteError `invalid_config` for an excluded path that cannot be recognised safely
 */
export function withPassthrough(
  listener: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>,
  options?: PassthroughOptions,
): (request: IncomingMessage, response: ServerResponse) => void;
export function withPassthrough(
  listener: (request: IncomingMessage, socket: Duplex, head: Buffer) => void | Promise<void>,
  options?: PassthroughOptions,
): (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
export function withPassthrough<Rest extends readonly unknown[], Answer extends FetchAnswer>(
  handler: (request: Request, ...rest: Rest) => Answer,
  options?: PassthroughOptions,
): (request: Request, ...rest: Rest) => Promise<Awaited<Answer> | Response>;
export function withPassthrough(
  // biome-ignore lint/suspicious/noExplicitAny: one of the three; which one is told when it is called
  handler: (...given: any[]) => any,
  options: PassthroughOptions = {},
): (...given: never[]) => unknown {
  const admit = createAdmission(options);
  const onRequest = wrapRequestListener(handler, admit);
  const onUpgrade = wrapUpgradeListener(handler, admit);
  const onFetch = wrapFetchHandler<readonly unknown[]>(handler, admit);
  return (...given: readonly unknown[]): unknown => {
    const [request, second, third] = given;
    if (isFetchRequest(request)) return onFetch(request, ...given.slice(1));
    if (!isNodeRequest(request)) throw unknownRequest();
    if (isServerResponse(second)) return onRequest(request, second);
    return onUpgrade(request, second as Duplex, third as Buffer); // there is no other listener
  };
}

function isFetchRequest(value: unknown): value is Request {
  if (typeof value !== "object" || value === null || !("headers" in value)) return false;
  const { headers } = value;
  return typeof headers === "object" && headers !== null && Symbol.iterator in headers;
}

function isNodeRequest(value: unknown): value is IncomingMessage {
  return typeof value === "object" && value !== null && "rawHeaders" in value;
}

function isServerResponse(value: unknown): value is ServerResponse {
  return typeof value === "object" && value !== null && "writeHead" in value;
}

function unknownRequest(): FlyteError {
  return new FlyteError(
    "invalid_input",
    "withPassthrough was called with neither a Request nor a request of node:http. Use the wrapped function as the listener or fetch handler of a server; for Hono's middleware there is honoPassthrough.",
  );
}
