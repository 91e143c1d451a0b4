import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import websocket from "@fastify/websocket";
import { type HttpBindings, serve, upgradeWebSocket } from "@hono/node-server";
import Fastify from "fastify";
import { Hono } from "hono";
import { type WebSocket, WebSocketServer } from "ws";
import type { PassthroughOptions } from "../../src/app/passthrough/admission.ts";
import { honoPassthrough } from "../../src/app/passthrough/hono-passthrough.ts";
import { passthroughAuth } from "../../src/app/passthrough/passthrough-auth.ts";
import { withPassthrough } from "../../src/app/passthrough/with-passthrough.ts";
import type { ControlPlane } from "../../src/client/control-plane.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { ControlPlaneStub } from "./control-plane-stub.ts";

/** An app whose WebSockets at `/socket` and `/health` answer each message with who sent it. */
export interface SocketApp extends AsyncDisposable {
  readonly url: string;
  readonly stub: ControlPlaneStub;
  /** How many connections the server has seen end. */
  ended(): number;
}

type Listen = (plane: ControlPlane, options: PassthroughOptions) => Promise<Server>;

/** Messages of any size are compressed, wherever client and server agree to it. */
const compressing = { perMessageDeflate: { threshold: 0 } };

async function whoAmI(plane: ControlPlane): Promise<string> {
  await new Promise((resolve) => setImmediate(resolve));
  return (await plane.users.me()).subject;
}

function answerMessages(plane: ControlPlane, socket: WebSocket): void {
  socket.on("message", () => {
    whoAmI(plane).then(
      (subject) => socket.send(subject),
      () => socket.terminate(),
    );
  });
}

function honoApp(
  plane: ControlPlane,
  options?: PassthroughOptions,
): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  if (options !== undefined) app.use(honoPassthrough(options));
  const answer = upgradeWebSocket(() => ({
    onMessage: (_event, socket) => {
      whoAmI(plane).then(
        (subject) => socket.send(subject),
        () => socket.close(),
      );
    },
  }));
  return app.get("/socket", answer).get("/health", answer);
}

function serveHono(fetch: Parameters<typeof serve>[0]["fetch"]): Promise<Server> {
  const server = new WebSocketServer({ noServer: true, ...compressing });
  // Its type of a server of WebSockets is stricter than the one of ws.
  const websocket = { server } as unknown as NonNullable<Parameters<typeof serve>[0]["websocket"]>;
  return new Promise((resolve) => {
    const options = { fetch, port: 0, hostname: "127.0.0.1", websocket };
    const listening = serve(options, () => resolve(listening as Server));
  });
}

/** Each way to use passthrough with WebSockets, by name. */
export const socketFrameworks: Readonly<Record<string, Listen>> = {
  async "node:http"(plane, options) {
    const sockets = new WebSocketServer({ noServer: true, ...compressing });
    const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void =>
      sockets.handleUpgrade(request, socket, head, (client) => answerMessages(plane, client));
    const server = createServer().on("upgrade", withPassthrough(upgrade, options));
    await once(server.listen(0, "127.0.0.1"), "listening");
    return server;
  },

  async Fastify(plane, options) {
    const app = Fastify();
    await app.register(passthroughAuth, options);
    await app.register(websocket, { options: compressing });
    const answer = (socket: WebSocket): void => answerMessages(plane, socket);
    app.get("/socket", { websocket: true }, answer);
    app.get("/health", { websocket: true }, answer);
    await app.listen({ port: 0, host: "127.0.0.1" });
    return app.server;
  },

  Hono: (plane, options) => serveHono(honoApp(plane, options).fetch),

  Fetch: (plane, options) => serveHono(withPassthrough(honoApp(plane).fetch, options)),
};

/** Starts an app whose path `/health` is excluded. */
export async function startSocketApp(
  framework: string,
  options: PassthroughOptions = {},
): Promise<SocketApp> {
  const listen = socketFrameworks[framework];
  if (listen === undefined) throw new Error(`no framework ${framework}`);
  const stub = await ControlPlaneStub.start();
  const plane = createControlPlane({ endpoint: stub.url, retries: 0 });
  const server = await listen(plane, { excludedPaths: ["/health"], ...options });
  const connections = new Set<Duplex>();
  let ended = 0;
  server.on("connection", (socket: Duplex) => {
    connections.add(socket);
    socket.once("close", () => {
      ended += 1;
    });
  });
  const { port } = server.address() as AddressInfo; // It listens on TCP.
  return {
    url: `http://127.0.0.1:${port}`,
    stub,
    ended: () => ended,
    async [Symbol.asyncDispose]() {
      for (const connection of connections) connection.destroy();
      await new Promise((resolve) => server.close(resolve));
      await plane.close();
      await stub[Symbol.asyncDispose]();
    },
  };
}
