import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { ServerProcess } from "../support/dev-process.ts";
import { Load } from "../support/load.ts";

interface Backend {
  readonly url: string;
  /** Whose calls have arrived here: each is of a request that the webhook has accepted. */
  readonly seen: Set<string>;
  /** Resolves when the next call of a caller arrives. */
  asked(): Promise<void>;
}

/** A control plane that refuses who has no credential, and leaves the others to `behave`. */
async function startBackend(behave: (response: ServerResponse) => void): Promise<Backend> {
  const seen = new Set<string>();
  const server = createServer((request: IncomingMessage, response) => {
    const { authorization } = request.headers;
    if (authorization === undefined) {
      response.writeHead(401, { "content-type": "application/json" });
      response.end('{"code":"unauthenticated"}');
      return;
    }
    seen.add(authorization.replace("Bearer ", ""));
    server.emit("asked");
    behave(response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    asked: async () => void (await once(server, "asked")),
  };
}

/** Answers as a method does that has nothing to say, after a time. */
function answerIn(ms: number): (response: ServerResponse) => void {
  return (response) => {
    setTimeout(() => {
      response.writeHead(200, { "content-type": "application/proto" });
      response.end();
    }, ms);
  };
}

async function startServe(backend: Backend, args: readonly string[] = []): Promise<ServerProcess> {
  const where = ["--endpoint", backend.url, "-p", "p", "-d", "d", "--port", "0"];
  const what = ["--endpoint-group", "core", "ops", "--log-level", "warn"];
  return ServerProcess.start(["serve", ...where, ...what, ...args]);
}

/**
 * What of a load went wrong. A new connection may be refused, or reset where the webhook never got to see it: that
 * the system has taken it for a server that closes cannot be helped without a delay.
 */
function faults(load: Load, accepted: ReadonlySet<string>): readonly unknown[] {
  return load.outcomes.filter(({ id, isKept, outcome }) => {
    if (outcome === 200) return false;
    return isKept || accepted.has(id) || !["ECONNREFUSED", "ECONNRESET"].includes(`${outcome}`);
  });
}

test("SIGTERM under load: every request that was accepted is answered, none is reset", async () => {
  const backend = await startBackend(answerIn(20));
  await using server = await startServe(backend);
  const load = new Load({ url: server.ready.webhook, path: "/me", kept: 16, fresh: 8 });
  await load.reached(200);
  expect(await server.stop("SIGTERM")).toBe(0);
  await load.ended();
  expect(faults(load, backend.seen)).toEqual([]);
  expect(backend.seen.size).toBeGreaterThanOrEqual(200);
}, 60_000);

test("with a delay nobody meets a closed door who looks whether it is ready", async () => {
  const backend = await startBackend(answerIn(5));
  await using server = await startServe(backend, ["--drain-delay", "3s"]);
  const { webhook } = server.ready;
  const told = new AbortController();
  const load = new Load({ url: webhook, path: "/me", kept: 8, fresh: 8, signal: told.signal });
  await load.reached(100);
  const ended = server.stop("SIGTERM");
  // A load balancer that looks all the time.
  for (let status = 200; status === 200; ) status = (await fetch(`${webhook}/ready`)).status;
  told.abort();
  await load.ended();
  expect(load.outcomes.filter(({ outcome }) => outcome !== 200)).toEqual([]);
  expect(await ended).toBe(0);
}, 60_000);

test("with a control plane that hangs, what runs is answered 503 within the time", async () => {
  const backend = await startBackend(() => {});
  await using server = await startServe(backend, ["--drain-timeout", "300ms"]);
  const asked = backend.asked();
  const load = new Load({ url: server.ready.webhook, path: "/me", kept: 4, fresh: 4 });
  await asked;
  while (backend.seen.size < 8) await backend.asked();
  expect(await server.stop("SIGTERM")).toBe(0);
  await load.ended();
  const first = load.outcomes.filter(({ id }) => backend.seen.has(id));
  expect(first.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 8 }, () => 503));
}, 60_000);

test("a second signal ends at once", async () => {
  const backend = await startBackend(() => {});
  await using server = await startServe(backend);
  const asked = backend.asked();
  const running = fetch(`${server.ready.webhook}/me`, { headers: { authorization: "Bearer a" } });
  running.catch(() => undefined); // It is cut off.
  await asked;
  const exited = once(server.process, "exit");
  const again = setInterval(() => server.process.kill("SIGTERM"), 100);
  expect(await exited).toEqual([143, null]);
  clearInterval(again);
  await expect(running).rejects.toThrow();
}, 60_000);
