import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { packCode } from "../../src/app/bundle/pack-code.ts";
import { watchConnections } from "../support/accepted-connections.ts";
import { bundleCommand } from "../support/bundled-command.ts";
import { ControlPlaneStub } from "../support/control-plane-stub.ts";
import { ServerProcess } from "../support/dev-process.ts";
import { createCaller } from "../support/http.ts";
import { Load, type LoadOutcome } from "../support/load.ts";
import { RunningCommand } from "../support/run-command.ts";
import { startTargetApp } from "../support/target-app.ts";
import { unusedPort } from "../support/unused-port.ts";

let folder: string;
let command: readonly string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "flyte-webhook-drain-"));
  command = await bundleCommand(join(folder, "package"));
});

afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));

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

async function startServe(
  backend: Backend,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  const where = ["--endpoint", backend.url, "-p", "p", "-d", "d", "--port", "0"];
  const what = ["--endpoint-group", "core", "ops", "--log-level", "warn"];
  return ServerProcess.start(["serve", ...where, ...what, ...args], { command, env });
}

/** What a load was not answered although the webhook had read all or some of it. */
function lost(load: Load, bytesByPort: ReadonlyMap<number, number>): readonly LoadOutcome[] {
  return load.outcomes.filter(({ outcome, port, sentBefore }) => {
    return outcome !== 200 && (bytesByPort.get(port) ?? 0) > sentBefore;
  });
}

test("SIGTERM under load: every request that has arrived is answered", async () => {
  const backend = await startBackend(answerIn(20));
  const connections = await watchConnections();
  await using server = await startServe(backend, [], connections.env);
  const load = new Load({ url: server.ready.webhook, path: "/me", kept: 16, fresh: 8 });
  await load.reached(200);
  expect(await server.stop("SIGTERM")).toBe(0);
  await load.ended();
  expect(lost(load, await connections.bytesByPort())).toEqual([]);
  expect(
    load.outcomes.filter(({ id, outcome }) => backend.seen.has(id) && outcome !== 200),
  ).toEqual([]);
  // A connection that was kept was never closed under its caller, who was told with the last answer.
  const kept = load.outcomes.filter(({ isKept }) => isKept);
  expect(kept.filter(({ outcome }) => outcome !== 200)).toEqual([]);
  // A new one that the webhook has not got to see is refused, or reset by the system.
  const refused = load.outcomes.filter(({ outcome }) => outcome !== 200);
  expect(refused.length).toBeLessThanOrEqual(8);
}, 60_000);

test("with a delay nobody meets a closed door who looks whether it is ready", async () => {
  const backend = await startBackend(answerIn(5));
  await using server = await startServe(backend, ["--drain-delay", "2s"]);
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

test("waits are answered, streams ended and slow apps heard out, and no run is touched", async () => {
  await using stub = await ControlPlaneStub.start();
  const app = await startTargetApp(() => undefined);
  stub.apps.set("site", { endpoint: app.url });
  const where = ["--endpoint", stub.url, "-p", "flytesnacks", "-d", "development", "--port", "0"];
  const what = ["--endpoint-group", "all", "live", "--allow-anonymous"];
  await using server = await ServerProcess.start(["serve", ...where, ...what], { command });
  const caller = createCaller(server.ready.webhook, "a");
  const waiting = caller.post("/run-task/development/flytesnacks/t?wait=30", { x: 1 });
  await stub.runs.watches.until(1);
  const events = await fetch(`${server.ready.webhook}/run/rnew/events`, {
    headers: { authorization: "Bearer a" },
  });
  const calling = caller.post("/app/site/call?path=/");
  const slow = await app.first;
  stub.takeMethods();
  const exited = server.stop("SIGTERM");
  const { status, body } = await waiting;
  expect([status, body.done]).toEqual([202, false]);
  expect([events.status, await events.text()]).toEqual([200, expect.stringContaining("event:")]);
  slow.end("late");
  expect(await calling).toMatchObject({ status: 200, body: "late" });
  expect(await exited).toBe(0);
  expect(stub.takeMethods()).not.toContain("abortRun");
}, 60_000);

/** A request whose end is sent later; resolves once the webhook has invited its body. */
async function beginRequest(url: string) {
  const { port } = new URL(url);
  const socket = connect(Number(port), "127.0.0.1");
  let text = "";
  socket.setEncoding("latin1").on("data", (chunk) => (text += chunk));
  const head = [
    "POST /run-task/development/flytesnacks/none HTTP/1.1",
    ...["host: a", "authorization: Bearer a", "content-type: application/json"],
    ...["content-length: 2", "expect: 100-continue"],
  ];
  socket.write(`${head.join("\r\n")}\r\n\r\n`);
  await once(socket, "data");
  return {
    async end(): Promise<string> {
      socket.write("{}");
      await once(socket, "close");
      return text;
    },
  };
}

/** Resolves once nothing takes connections there any more. */
async function untilClosed(url: string): Promise<void> {
  for (;;) {
    const isOpen = await fetch(`${url}/health`).then(
      () => true,
      () => false,
    );
    if (!isOpen) return;
  }
}

test.each(["dev", "serve webhook.ts", "flyte-app"] as const)(
  "%s drains its webhook",
  async (how) => {
    const backend = await startBackend(answerIn(1));
    const file = join(folder, "package", "webhook.ts");
    await writeFile(
      file,
      `import { FlyteWebhookAppEnvironment } from "flyte-webhook";
    export const env = new FlyteWebhookAppEnvironment({ name: "drained", requiresAuth: true });`,
    );
    const port = await unusedPort();
    const env = {
      ...{ FLYTE_ENDPOINT: backend.url, PORT: String(port), FLYTE_APP_HOST: "127.0.0.1" },
      FLYTE_INTERNAL_EXECUTION_PROJECT: "p",
      FLYTE_INTERNAL_EXECUTION_DOMAIN: "d",
    };
    const args = {
      dev: ["dev", "--no-tasks", "--state", "memory", "--devbox-port", "0", "--gateway-port", "0"],
      "serve webhook.ts": ["serve", file],
      "flyte-app": ["--tgz", pathToFileURL(join(folder, "bundle.tgz")).href, "drained"],
    }[how];
    let program = command;
    if (how === "flyte-app") {
      const { bytes } = await packCode(file, []);
      await writeFile(join(folder, "bundle.tgz"), bytes);
      program = [process.execPath, join(folder, "package/dist/app/runtime/main.js")];
    }
    const ports = how === "dev" ? ["--port", String(port)] : [];
    const url = `http://127.0.0.1:${port}`;
    await using server = new RunningCommand([...args, ...ports], {
      ...{ command: program, cwd: folder, env },
    });
    await server.saw(/listens on|Ctrl-C|drained +http/);
    const request = await beginRequest(url);
    server.kill("SIGTERM");
    await untilClosed(url);
    const answer = await request.end();
    expect(answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 4\d\d .*connection: close/s);
    expect(await server.wait()).toBe(0);
  },
  60_000,
);
