import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Agent, EventSource, WebSocket } from "undici";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bearerAuthenticator } from "../../src/client/auth/bearer.ts";
import type { ControlPlane } from "../../src/client/control-plane.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { lookupHost } from "../../src/shared/lookup-host.ts";
import { askApp } from "../support/ask-app.ts";
import { bundleCommand } from "../support/bundled-command.ts";
import { ServerProcess } from "../support/dev-process.ts";
import { runCommand } from "../support/run-command.ts";

/** What a newcomer does: the command `dev`, then apps by commands alone, used by clients of the web. */
let folder: string;
let state: string;
let program: readonly string[];
let server: ServerProcess;
let flyte: ControlPlane;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "flyte-webhook-accepted-"));
  state = join(folder, "state");
  program = await bundleCommand(join(folder, "program"));
  const ports = ["--port", "0", "--devbox-port", "0", "--gateway-port", "0"];
  server = await ServerProcess.start(["dev", "--state", state, ...ports], { command: program });
  flyte = createControlPlane({
    endpoint: server.ready.controlPlane,
    ...{ project: "flytesnacks", domain: "development" },
    authenticator: bearerAuthenticator(server.ready.keys["alice"] ?? ""),
  });
});
afterAll(async () => {
  await flyte?.close();
  await server?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true, maxRetries: 10 });
});

/** Runs a command and reads what `--json` printed. */
async function command(...args: readonly string[]) {
  const options = { command: program, cwd: folder };
  const { code, stdout, stderr } = await runCommand([...args, "--state", state, "--json"], options);
  expect(`${stderr} ${code}`).toBe(" 0");
  return JSON.parse(stdout);
}

test("the webhook is deployed by one command and starts runs that belong to its callers", async () => {
  const [webhook] = await command(
    ...["deploy", "--name", "ci-webhook", "--endpoint-group", "core", "task", "run"],
    ...["--task-allowlist", "flytesnacks/stats.describe", "--wait"],
  );
  expect(webhook).toMatchObject({ app: "ci-webhook", change: "created", phase: "active" });
  const created = await command(
    "create",
    "api-key",
    "ci",
    "--for",
    "ci-bot",
    "--role",
    "contributor",
  );
  expect(await askApp(webhook.endpoint, "/me")).toMatchObject({ status: 401 });
  for (const [key, owner] of [
    [created.key, "ci-bot"],
    [created.apiKey, "ci-bot"],
    [server.ready.keys["bob"], "bob"],
  ]) {
    const me = await askApp(webhook.endpoint, "/me", { key });
    expect(JSON.parse(me.body)).toMatchObject({ subject: owner });
    const started = await askApp(
      webhook.endpoint,
      "/run-task/development/flytesnacks/stats.describe",
      {
        ...{ key, method: "POST", body: JSON.stringify({ values: [1, 2] }) },
        // Who a caller says to be counts nowhere on the way.
        headers: { "content-type": "application/json", "x-flyte-user-subject": "alice" },
      },
    );
    expect(started.status).toBe(200);
    const { name } = JSON.parse(started.body);
    expect(await flyte.runs.wait({ name })).toMatchObject({ owner, phase: "succeeded" });
  }
  const refused = await askApp(webhook.endpoint, "/app/ci-webhook", { key: created.key });
  expect(refused.status).toBe(404);
});

const live = `
  const { WebSocketServer } = require("ws");
  const server = require("node:http").createServer((request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    let id = Number(request.headers["last-event-id"] ?? 0);
    const timer = setInterval(() => {
      response.write("id: " + ++id + "\\nretry: 1\\ndata: event " + id + "\\n\\n");
      if (id % 3 === 0) response.end(() => clearInterval(timer));
    }, 1);
  }).listen(process.env.PORT, "127.0.0.1");
  new WebSocketServer({ server }).on("connection", (socket) => {
    socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  });`;

test("clients of the web follow events over broken connections, and talk by WebSocket", async () => {
  const { status } = await flyte.apps.deploy(
    {
      ...{ name: "live", replicas: [0, 1], requiresAuth: false, clusterPool: "default" },
      ...{ secrets: [], links: [], labels: {}, inputs: [] },
      container: {
        ...{ image: "none", command: [process.execPath, "-e", live], args: [], port: 8080 },
        env: { NODE_PATH: join(import.meta.dirname, "../../node_modules") },
        ...{ requests: {}, limits: {} },
      },
    },
    { wait: true },
  );
  const dispatcher = new Agent({ connect: { lookup: lookupHost } });
  try {
    const source = new EventSource(`${status.endpoint}/events`, { dispatcher });
    const events: string[] = [];
    source.addEventListener("message", ({ data }) => events.push(data));
    await expect.poll(() => events.length).toBeGreaterThanOrEqual(9);
    source.close();
    expect(events.slice(0, 9)).toEqual(Array.from({ length: 9 }, (_, at) => `event ${at + 1}`));

    const socket = new WebSocket(status.endpoint.replace("http:", "ws:"), { dispatcher });
    const received: unknown[] = [];
    socket.addEventListener("message", ({ data }) => received.push(data));
    await once(socket, "open");
    const sent = ["one", "two".repeat(50_000), "\u{1F984}"];
    for (const text of sent) socket.send(text);
    await expect.poll(() => received.length).toBe(sent.length);
    expect(received).toEqual(sent);
    const closed = once(socket, "close");
    socket.close(1000, "done");
    expect(await closed).toMatchObject([{ code: 1000, wasClean: true }]);
  } finally {
    await dispatcher.destroy();
  }
});
