import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  ServerResponse,
} from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { AppRoutes } from "../apps/app-routes.ts";
import type { AppRuntime } from "../apps/app-runtime.ts";
import type { AuthenticateOptions } from "../auth/authenticate.ts";
import type { Authorizer } from "../auth/caller.ts";
import type { DevboxLogger } from "../server/logger.ts";
import { listen } from "../server/start-server.ts";
import { answerOnSocket, answerProblem } from "./answer-problem.ts";
import { Exchange, gone } from "./exchange.ts";
import { handleExchange } from "./handle-exchange.ts";
import { GatewayProblem } from "./problem.ts";
import { isTunnel } from "./read-target.ts";
import { replay } from "./replay.ts";
import { createReplicaConnections } from "./replica-connections.ts";
import { readRequestId } from "./request-id.ts";

/** Where the gateway listens. */
export interface GatewayOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly log: DevboxLogger;
  /** How long the head of a request may take to arrive. @default 15000 */
  readonly headersTimeoutMs?: number;
}

/** What stands behind the gateway once it is there; before, requests are answered with 503. */
export interface GatewayBackend {
  readonly runtime: AppRuntime;
  readonly routes: AppRoutes;
  readonly authentication: AuthenticateOptions;
  readonly authorizer: Authorizer;
}

export interface Gateway {
  readonly port: number;
  /** Base of the public addresses: `http://localhost:PORT`. */
  readonly url: string;
  serve(backend: GatewayBackend): void;
  /** Stops accepting, lets running requests end within a grace time; upgraded connections end at once. */
  close(): Promise<void>;
}

const graceMs = 5_000;
const maxConnections = 8_192;

const serverOptions: ServerOptions = {
  // A body may take as long as it likes; the app's own limit counts until its answer begins.
  requestTimeout: 0,
  keepAliveTimeout: 75_000,
  maxHeaderSize: 32_768,
  requireHostHeader: false,
};

/**
 * Starts the gateway, the one door to all apps. It speaks HTTP/1.1.
 *
 * @throws FlyteError `invalid_config` when the port is in use or the address is not of this machine
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { host, port, log, headersTimeoutMs = 15_000 } = options;
  const connections = createReplicaConnections();
  const unanswered = new WeakMap<Socket, Exchange[]>();
  const sockets = new Set<Socket>();
  const tunnels = new Set<Socket>();
  const replayed = new WeakSet<Socket>();
  let backend: GatewayBackend | undefined;

  const take = (exchange: Exchange): void => {
    const { request, response } = exchange;
    request.on("error", ignore);
    response.on("error", ignore);
    const { socket } = request;
    const others = unanswered.get(socket);
    // What follows the last request of a connection is none.
    if (others?.some((other) => !other.response.shouldKeepAlive) === true) return;
    if (others === undefined) unanswered.set(socket, [exchange]);
    else others.push(exchange);
    response.once("close", () => {
      const left = unanswered.get(socket);
      if (left?.length === 1) unanswered.delete(socket);
      else left?.splice(left.indexOf(exchange), 1);
      exchange.end(response.writableFinished ? undefined : gone);
    });
    handleExchange(exchange, { backend, connections, log });
  };
  const takeRequest =
    (expectsContinue: boolean) =>
    (request: IncomingMessage, response: ServerResponse): void => {
      // One that was read twice: nothing guards the time between it and a next one.
      if (replayed.has(request.socket)) response.shouldKeepAlive = false;
      take(new Exchange({ request, response, expectsContinue, upgrade: undefined }));
    };
  const refuseText = (error: NodeJS.ErrnoException, socket: Socket): void => {
    socket.on("error", ignore);
    const owed = [...(unanswered.get(socket) ?? [])];
    // Read before an answer is begun for it, a request that breaks off reaches no app.
    for (const exchange of owed) exchange.end(gone);
    const isInTurn = owed.every(
      ({ request, response }) => !request.complete && !response.headersSent,
    );
    if (isInTurn && socket.writable) answerOnSocket(socket, toParseProblem(error));
    else socket.destroySoon();
  };
  const serveRequests = (server: Server): Server => {
    // None is dropped silently; too many are refused.
    server.maxHeadersCount = 0;
    server.on("request", takeRequest(false));
    server.on("checkContinue", takeRequest(true));
    server.on("checkExpectation", refuseExpectation);
    server.on("clientError", refuseText);
    return server;
  };

  const times = {
    headersTimeout: headersTimeoutMs,
    connectionsCheckingInterval: Math.min(5_000, headersTimeoutMs),
  };
  const server = serveRequests(createServer({ ...serverOptions, ...times }));
  // It does not listen.
  const plain = serveRequests(createServer({ ...serverOptions, ...times }));
  server.maxConnections = maxConnections;
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => {
      sockets.delete(socket);
      // Answers that wait for their turn on the connection hear of its end from nobody else.
      for (const exchange of [...(unanswered.get(socket) ?? [])]) {
        if (exchange.upgrade === undefined) exchange.end(gone);
      }
    });
  });
  server.on("connect", (_request: IncomingMessage, socket: Socket) => {
    socket.on("error", ignore);
    if (unanswered.has(socket)) socket.destroy();
    else
      answerOnSocket(
        socket,
        new GatewayProblem("method_not_allowed", "CONNECT is not passed on to apps."),
      );
  });
  server.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) => {
    socket.on("error", ignore);
    // What it says after the head would overtake the answers that are still owed.
    if (unanswered.has(socket)) {
      socket.destroy();
      return;
    }
    const { upgrade: protocol = "" } = request.headers;
    if (!isTunnel(protocol)) {
      replayed.add(socket);
      replay(plain, request, socket, head);
      return;
    }
    tunnels.add(socket);
    socket.once("close", () => tunnels.delete(socket));
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket);
    response.once("finish", () => socket.destroySoon());
    const upgrade = { protocol, socket, head };
    take(new Exchange({ request, response, expectsContinue: false, upgrade }));
  });

  await listen(server, { host, port, option: "gatewayPort" });
  const bound = (server.address() as AddressInfo).port; // It listens on TCP.
  return {
    port: bound,
    url: `http://localhost:${bound}`,
    serve: (given) => {
      backend = given;
    },
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of tunnels) socket.destroy();
      // A connection is kept alive after its last answer until it is seen to be idle.
      const idle = setInterval(() => server.closeIdleConnections(), 20);
      const cut = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, graceMs);
      await closed;
      clearTimeout(cut);
      clearInterval(idle);
      plain.close();
      connections.close();
    },
  };
}

function ignore(): void {}

function refuseExpectation(request: IncomingMessage, response: ServerResponse): void {
  request.on("error", ignore);
  const detail = "Expect may only be 100-continue.";
  const problem = new GatewayProblem("expectation_failed", detail, { closes: true });
  answerProblem({ request, response, id: readRequestId(request) }, problem);
}

/** What the HTTP parser, or its clock, did not let through. */
function toParseProblem({ code }: NodeJS.ErrnoException): GatewayProblem {
  if (code === "HPE_HEADER_OVERFLOW") {
    return new GatewayProblem(
      "headers_too_large",
      "Address and headers may have at most 32768 bytes.",
    );
  }
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") {
    return new GatewayProblem("request_timeout", "The headers did not arrive in time.");
  }
  return new GatewayProblem("invalid_request", "The request is not well-formed HTTP/1.1.");
}
