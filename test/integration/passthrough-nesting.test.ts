import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { type AddressInfo, connect } from "node:net";
import type { Duplex } from "node:stream";
import express from "express";
import Fastify from "fastify";
import { expect, onTestFinished, test } from "vitest";
import type { CredentialFunction } from "../../src/app/passthrough/credential-extractor.ts";
import { authorizationExtractor, headerExtractor } from "../../src/app/passthrough/extractors.ts";
import { passthroughAuth } from "../../src/app/passthrough/passthrough-auth.ts";
import { passthroughMiddleware } from "../../src/app/passthrough/passthrough-middleware.ts";
import { withPassthrough } from "../../src/app/passthrough/with-passthrough.ts";
import { currentAuthMetadata } from "../../src/client/auth-metadata.ts";
import { rawRequest } from "../support/raw-http.ts";

async function listen(listener?: RequestListener) {
  const server = listener === undefined ? createServer() : createServer(listener);
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo; // It listens on TCP.
  return { server, port, url: `http://127.0.0.1:${port}` };
}

const headers = { authorization: "Bearer a", "x-key": "k" };

test("the innermost passthrough counts, in the handler and in the events of its request", async () => {
  const app = express();
  app.use(passthroughMiddleware({ headerExtractors: [headerExtractor("x-key")] }));
  app.post("/", (request, response) => {
    const seen = [currentAuthMetadata()];
    request.on("data", () => undefined);
    request.on("end", () => response.json([...seen, currentAuthMetadata()]));
  });
  const { url } = await listen(withPassthrough(app));
  const answer = await fetch(url, { method: "POST", headers, body: "x" });
  expect(await answer.json()).toEqual([[["x-key", "k"]], [["x-key", "k"]]]);
});

test("a mounted router compares whole paths, as they were sent", async () => {
  const app = express();
  app.use("/api", passthroughMiddleware({ excludedPaths: ["/health"] }), (_request, response) =>
    response.json(currentAuthMetadata() ?? null),
  );
  app.use(
    "/other",
    passthroughMiddleware({ excludedPaths: ["/other/health"] }),
    (_request, response) => response.json(currentAuthMetadata() ?? null),
  );
  const { url } = await listen(app);
  expect((await fetch(`${url}/api/health`)).status).toBe(401);
  expect((await fetch(`${url}/other/health`)).status).toBe(200);
});

test("an error thrown behind the middleware is the framework's", async () => {
  const later: CredentialFunction = async () => ["authorization", "Bearer a"];
  for (const extractor of [authorizationExtractor, later]) {
    const app = express();
    app.use(passthroughMiddleware({ headerExtractors: [extractor] }));
    app.get("/", () => {
      throw new Error("planted");
    });
    const onError: express.ErrorRequestHandler = (error, _request, response, _next) =>
      void response.status(503).json([error.message, currentAuthMetadata()]);
    app.use(onError);
    const { url } = await listen(app);
    const answer = await fetch(url, { headers });
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual(["planted", [["authorization", "Bearer a"]]]);
  }
});

test("a listener is not given a connection that ended while its extractor was asked", async () => {
  let release = (): void => undefined;
  const asked = new Promise<void>((resolve) => {
    release = resolve;
  });
  let decided = false;
  const slow: CredentialFunction = async () => {
    await asked;
    decided = true;
    return ["authorization", "Bearer a"];
  };
  const upgraded: IncomingMessage[] = [];
  const upgrade = (request: IncomingMessage, _socket: Duplex, _head: Buffer): void =>
    void upgraded.push(request);
  const { server, port } = await listen();
  server.on("upgrade", withPassthrough(upgrade, { headerExtractors: [slow] }));
  const opened = once(server, "connection");
  const begun = once(server, "upgrade");
  const client = connect(port, "127.0.0.1");
  client.write(
    rawRequest("GET /", ["upgrade: test"]).replace("connection: close", "connection: upgrade"),
  );
  const [connection] = await opened;
  await begun;
  const lost = once(connection, "close");
  client.resetAndDestroy();
  await lost.catch(() => undefined);
  release();
  await expect.poll(() => decided).toBe(true);
  await new Promise((resolve) => setImmediate(resolve));
  expect(upgraded).toEqual([]);
});

test("a Fastify app can answer refusals its own way, and a wrong path fails its start", async () => {
  const app = Fastify();
  onTestFinished(() => app.close());
  await app.register(passthroughAuth, {
    refuse: (_request, reply, refusal) => void reply.code(418).send({ kind: refusal.kind }),
  });
  app.get("/", async () => ({}));
  const url = await app.listen({ port: 0, host: "127.0.0.1" });
  const answer = await fetch(url);
  expect([answer.status, await answer.json()]).toEqual([418, { kind: "absent" }]);

  const wrong = Fastify();
  await expect(
    wrong.register(passthroughAuth, { excludedPaths: ["health"] }).ready(),
  ).rejects.toMatchObject({ code: "invalid_config" });
});

test("failed extractors are written to Fastify's own log, without the credential", async () => {
  const lines: string[] = [];
  const app = Fastify({ logger: { stream: { write: (line: string) => void lines.push(line) } } });
  onTestFinished(() => app.close());
  const broken: CredentialFunction = ({ headers: sent }) => {
    throw new TypeError(`cannot use ${sent["authorization"]}`);
  };
  await app.register(passthroughAuth, { headerExtractors: [broken] });
  app.get("/", async () => ({}));
  const answer = await app.inject({ url: "/", headers: { authorization: "Bearer planted" } });
  expect(answer.statusCode).toBe(401);
  const line = lines
    .map((text) => JSON.parse(text))
    .find(({ extractor }) => extractor !== undefined);
  expect(line).toMatchObject({
    extractor: "headerExtractors[0] (broken)",
    error: "TypeError",
    reqId: expect.any(String),
    msg: "A credential extractor failed and was skipped.",
  });
  expect(lines.join()).not.toContain("planted");
});
