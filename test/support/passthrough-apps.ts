import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { type HttpBindings, serve } from "@hono/node-server";
import express from "express";
import Fastify from "fastify";
import { type Context, Hono } from "hono";
import type { PassthroughOptions } from "../../src/app/passthrough/admission.ts";
import { honoPassthrough } from "../../src/app/passthrough/hono-passthrough.ts";
import { passthroughAuth } from "../../src/app/passthrough/passthrough-auth.ts";
import { passthroughMiddleware } from "../../src/app/passthrough/passthrough-middleware.ts";
import { withPassthrough } from "../../src/app/passthrough/with-passthrough.ts";
import type { ControlPlane } from "../../src/client/control-plane.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { ControlPlaneStub } from "./control-plane-stub.ts";

/** One app in front of a control plane that tells each caller's own `authorization`. */
export interface PassthroughApp extends AsyncDisposable {
  readonly url: string;
  readonly stub: ControlPlaneStub;
}

/** What an app does: `GET /who`, `GET /health`, `GET /stream`, `POST /body`, the same everywhere. */
type Listen = (plane: ControlPlane, options: PassthroughOptions) => Promise<Server>;

const chunks = 6;
const padding = "x".repeat(100_000);

/** After some turns of the event loop, who the control plane takes the running request for. */
async function whoAmI(plane: ControlPlane): Promise<string> {
  await new Promise((resolve) => setImmediate(resolve));
  const { subject } = await plane.users.me();
  await Promise.resolve();
  const again = await plane.users.me();
  return subject === again.subject ? subject : `${subject} and ${again.subject}`;
}

const toJson = (subject: string): string => JSON.stringify({ subject });

/** More than any buffer takes, so that each part is made when the one before has left. */
async function* parts(plane: ControlPlane): AsyncGenerator<string> {
  for (let index = 0; index < chunks; index += 1) {
    yield `${toJson((await plane.users.me()).subject)}${padding}`;
  }
}

/** Asks for nothing ahead: a part is made when the reader wants it. */
function toWebStream(plane: ControlPlane): ReadableStream<Uint8Array> {
  let left = chunks;
  return new ReadableStream({
    async pull(controller) {
      const { subject } = await plane.users.me();
      controller.enqueue(new TextEncoder().encode(`${toJson(subject)}${padding}`));
      left -= 1;
      if (left === 0) controller.close();
    },
  });
}

/** Who the events of a body belong to, asked in the listener of the last one. */
function whoSent(plane: ControlPlane, body: Readable): Promise<string> {
  return new Promise((resolve, reject) => {
    body.on("data", () => undefined);
    body.on("end", () => void whoAmI(plane).then(resolve, reject));
  });
}

async function answerPlainly(
  plane: ControlPlane,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = request.url?.split("?")[0];
  if (path === "/stream") {
    Readable.from(parts(plane)).pipe(response);
    return;
  }
  response.setHeader("content-type", "application/json");
  if (path === "/body") response.end(toJson(await whoSent(plane, request)));
  else response.end(toJson(await whoAmI(plane)));
}

function honoApp(plane: ControlPlane): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  const who = async (context: Context) => context.json({ subject: await whoAmI(plane) });
  app.get("/who", who).get("/health", who);
  app.get("/stream", () => new Response(toWebStream(plane)));
  app.post("/body", async (context) => {
    await context.req.text();
    return context.json({ subject: await whoAmI(plane) });
  });
  return app;
}

async function listening(server: Server): Promise<Server> {
  if (!server.listening) await once(server.listen(0, "127.0.0.1"), "listening");
  return server;
}

/** Hono's server is also one of `node:http`. */
const serveFetch = (fetch: Parameters<typeof serve>[0]["fetch"]): Promise<Server> =>
  new Promise((resolve) => {
    const server = serve({ fetch, port: 0, hostname: "127.0.0.1" }, () =>
      resolve(server as Server),
    );
  });

/** Each way to use passthrough, by name. */
export const frameworks: Readonly<Record<string, Listen>> = {
  "node:http": (plane, options) =>
    listening(
      createServer(
        withPassthrough(
          (request: IncomingMessage, response: ServerResponse) =>
            answerPlainly(plane, request, response),
          options,
        ),
      ),
    ),

  async Fastify(plane, options) {
    const app = Fastify();
    await app.register(passthroughAuth, options);
    app.addContentTypeParser("*", (_request, payload, done) => {
      whoSent(plane, payload).then((subject) => done(null, subject), done);
    });
    const who = async () => ({ subject: await whoAmI(plane) });
    app.get("/who", who).get("/health", who);
    app.get("/stream", (_request, reply) => reply.send(Readable.from(parts(plane))));
    app.post("/body", async (request) => ({ subject: request.body }));
    await app.listen({ port: 0, host: "127.0.0.1" });
    return app.server;
  },

  Express(plane, options) {
    const app = express();
    app.use(passthroughMiddleware(options));
    app.all("/*path", (request, response) => answerPlainly(plane, request, response));
    return listening(createServer(app));
  },

  "Express, wrapped": (plane, options) => {
    const app = express();
    app.all("/*path", (request, response) => answerPlainly(plane, request, response));
    return listening(createServer(withPassthrough(app, options)));
  },

  Hono(plane, options) {
    const app = new Hono<{ Bindings: HttpBindings }>();
    app.use(honoPassthrough(options));
    app.route("/", honoApp(plane));
    return serveFetch(app.fetch);
  },

  Fetch: (plane, options) => serveFetch(withPassthrough(honoApp(plane).fetch, options)),
};

/** Starts an app whose path `/health` is excluded. */
export async function startPassthroughApp(
  framework: string,
  options: PassthroughOptions = {},
): Promise<PassthroughApp> {
  const listen = frameworks[framework];
  if (listen === undefined) throw new Error(`no framework ${framework}`);
  const stub = await ControlPlaneStub.start();
  const plane = createControlPlane({ endpoint: stub.url, retries: 0 });
  const server = await listen(plane, { excludedPaths: ["/health"], ...options });
  const { port } = server.address() as AddressInfo; // It listens on TCP.
  return {
    url: `http://127.0.0.1:${port}`,
    stub,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await plane.close();
      await stub[Symbol.asyncDispose]();
    },
  };
}
