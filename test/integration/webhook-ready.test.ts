import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import { expect, test } from "vitest";
import type { ControlPlane } from "../../src/client/control-plane.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { createWebhook } from "../../src/webhook/create-webhook.ts";
import type { WebhookOptions } from "../../src/webhook/options.ts";
import { createCaller } from "../support/http.ts";
import { startTestWebhook } from "../support/webhook.ts";

type Behaviour = (request: IncomingMessage, response: ServerResponse) => void;

function answer(status: number, body: unknown, type = "application/json"): Behaviour {
  return (_request, response) => {
    response.writeHead(status, { "content-type": type });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };
}

const refuse = answer(401, { code: "unauthenticated", message: "who are you" });
const serveAnybody: Behaviour = (_request, response) => {
  response.writeHead(200, { "content-type": "application/proto" });
  response.end();
};

/** A control plane of one behaviour, which can go away and come back on the same port. */
class Backend implements AsyncDisposable {
  behaviour: Behaviour = refuse;
  readonly seen: IncomingMessage[] = [];
  #server: Server | undefined;
  port = 0;

  async start(): Promise<this> {
    const server = createServer((request, response) => {
      this.seen.push(request);
      server.emit("asked");
      this.behaviour(request, response);
    });
    this.#server = server;
    server.listen(this.port, "127.0.0.1");
    await once(server, "listening");
    this.port = (server.address() as AddressInfo).port;
    return this;
  }

  async asked(): Promise<void> {
    if (this.#server !== undefined) await once(this.#server, "asked");
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

interface Behind extends AsyncDisposable {
  readonly webhook: FastifyInstance;
  readonly controlPlane: ControlPlane;
  readonly url: string;
  ready(): Promise<{ readonly status: number; readonly body: unknown }>;
}

async function startBehind(
  backend: Backend,
  options: Partial<WebhookOptions> = {},
): Promise<Behind> {
  const endpoint = `http://127.0.0.1:${backend.port}`;
  const controlPlane = createControlPlane({ endpoint, project: "p", domain: "d" });
  const endpointGroups = ["core", "ops"] as const;
  const webhook = createWebhook({ name: "ready", controlPlane, endpointGroups, ...options });
  const url = await webhook.listen({ host: "127.0.0.1", port: 0 });
  const caller = createCaller(url);
  return {
    ...{ webhook, controlPlane, url },
    async ready() {
      const { status, body } = await caller.get("/ready");
      return { status, body };
    },
    async [Symbol.asyncDispose]() {
      await webhook.close();
      await controlPlane.close();
    },
  };
}

const isReady = { status: 200, body: { status: "ready" } };

function unready(control_plane: string) {
  const detail = expect.stringMatching(/control plane .*\.$/);
  return { status: 503, body: { status: "unready", control_plane, detail } };
}

test.concurrent("ready is whether the control plane can be reached, away and back", async () => {
  await using backend = await new Backend().start();
  await using webhook = await startBehind(backend);
  expect(await webhook.ready()).toEqual(isReady);
  expect(backend.seen[0]?.headers.authorization).toBeUndefined();
  await backend.stop();
  // What was found is kept for some seconds.
  let found = await webhook.ready();
  while (found.status === 200) found = await webhook.ready();
  expect(found).toEqual(unready("unreachable"));
  expect(JSON.stringify(found.body)).not.toMatch(/ECONN|127\.0\.0\.1/);
  expect((await createCaller(webhook.url).get("/health")).status).toBe(200);
  await backend.start();
  while (found.status !== 200) found = await webhook.ready();
  expect(found).toEqual(isReady);
}, 30_000);

// Together, as some of them are a wait.
test.concurrent.each([
  ["a control plane that serves anybody", serveAnybody, unready("anonymous")],
  ["one that is broken", answer(500, { code: "internal", message: "db" }), unready("failing")],
  ["something else", answer(200, "<html>", "text/html"), unready("failing")],
  ["a proxy without it", answer(503, "no upstream", "text/plain"), unready("unreachable")],
  ["one that forbids it", answer(403, { code: "permission_denied", message: "no" }), isReady],
  ["one that is asked too much", answer(429, { code: "resource_exhausted" }), isReady],
  ["one that does not answer", () => {}, unready("timeout")],
] as const)("%s", async (_, behaviour, expected) => {
  await using backend = await new Backend().start();
  backend.behaviour = behaviour;
  await using webhook = await startBehind(backend);
  expect(await webhook.ready()).toEqual(expected);
});

test("a control plane that serves anybody will do where that is accepted", async () => {
  await using backend = await new Backend().start();
  backend.behaviour = serveAnybody;
  await using webhook = await startBehind(backend, { allowAnonymous: true });
  expect(await webhook.ready()).toEqual(isReady);
});

test("however many ask, the control plane is asked once", async () => {
  await using backend = await new Backend().start();
  let release = (): void => {};
  backend.behaviour = (request, response) => {
    release = () => refuse(request, response);
  };
  await using webhook = await startBehind(backend);
  const asked = backend.asked();
  const many = Array.from({ length: 100 }, () => webhook.ready());
  await asked;
  release();
  for (const one of await Promise.all(many)) expect(one).toEqual(isReady);
  expect(backend.seen).toHaveLength(1);
});

test("it is starting before it listens, and draining once it is to stop", async () => {
  await using backend = await new Backend().start();
  const endpoint = `http://127.0.0.1:${backend.port}`;
  await using controlPlane = createControlPlane({ endpoint, project: "p", domain: "d" });
  const webhook = createWebhook({
    ...{ name: "stages", controlPlane, endpointGroups: ["core", "ops"], drainDelayMs: 60_000 },
    drainTimeoutMs: 120_000,
  });
  const starting = await webhook.inject("/ready");
  expect([starting.statusCode, starting.json()]).toEqual([503, { status: "starting" }]);
  const caller = createCaller(await webhook.listen({ host: "127.0.0.1", port: 0 }));
  expect((await caller.get("/ready")).status).toBe(200);
  const closing = webhook.close();
  const draining = await caller.get("/ready");
  expect([draining.status, draining.body]).toEqual([503, { status: "draining" }]);
  expect(draining.headers.get("connection")).toBe("close");
  expect((await caller.get("/health")).status).toBe(200);
  webhook.drainWithin?.(1);
  await closing;
});

test("with compat upstream it is the same", async () => {
  await using webhook = await startTestWebhook({ compat: "upstream", allowAnonymous: false });
  const { status, body } = await createCaller(webhook.url).get("/ready");
  expect({ status, body }).toEqual(unready("anonymous"));
});
