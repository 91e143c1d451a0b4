import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { AppSpec } from "../../src/client/app-spec.ts";
import { bearerAuthenticator } from "../../src/client/auth/bearer.ts";
import type { ControlPlane } from "../../src/client/control-plane.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { isRunning } from "../support/app-runtime.ts";
import { askApp } from "../support/ask-app.ts";
import { ServerProcess } from "../support/dev-process.ts";

/** The command `flyte-webhook devbox` and its apps, when one of their processes is killed. */

/** Tells its process, and that of a child which has left the app's process group. */
const script = `
  const child = require("node:child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], {
    detached: true, stdio: "ignore",
  });
  require("node:http").createServer((_, response) => {
    response.end(JSON.stringify({ pid: process.pid, child: child.pid, word: process.env.WORD }));
  }).listen(process.env.PORT, "127.0.0.1");`;

function app(name: string, replicas: readonly [number, number], word = "same"): AppSpec {
  return {
    name,
    container: {
      image: "none",
      command: [process.execPath, "-e", script],
      args: [],
      env: { WORD: word },
      port: 8080,
      requests: {},
      limits: {},
    },
    replicas,
    requiresAuth: true,
    secrets: [],
    links: [],
    clusterPool: "default",
    labels: {},
    inputs: [],
  };
}

interface Life extends AsyncDisposable {
  readonly server: ServerProcess;
  readonly flyte: ControlPlane;
  /** What an app says of itself, through the gateway. */
  ask(
    name: string,
  ): Promise<{ readonly pid: number; readonly child: number; readonly word: string }>;
}

async function startLife(state: string): Promise<Life> {
  const args = ["devbox", "--state", state, "--port", "0", "--gateway-port", "0"];
  const server = await ServerProcess.start(args);
  const key = server.ready.keys["alice"] ?? "";
  const flyte = createControlPlane({
    endpoint: server.ready.controlPlane,
    ...{ project: "flytesnacks", domain: "development" },
    authenticator: bearerAuthenticator(key),
  });
  return {
    ...{ server, flyte },
    async ask(name) {
      const { endpoint } = await flyte.apps.get({ name });
      const { status, body } = await askApp(endpoint, "/", { key });
      expect(status).toBe(200);
      return JSON.parse(body);
    },
    async [Symbol.asyncDispose]() {
      await flyte.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function makeState(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "flyte-webhook-crash-apps-"));
  onTestFinished(async () => {
    for (const pid of processesOf(folder)) process.kill(pid, "SIGKILL");
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  });
  return folder;
}

/** Processes that name the state folder: as their working folder, in their arguments or environment. */
function processesOf(state: string): number[] {
  const named = (read: () => string): boolean => {
    try {
      return read().includes(state);
    } catch {
      return false; // gone meanwhile, or another user's
    }
  };
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && isRunning(pid))
    .filter(
      (pid) =>
        named(() => readlinkSync(`/proc/${pid}/cwd`)) ||
        named(() => readFileSync(`/proc/${pid}/cmdline`, "latin1")) ||
        named(() => readFileSync(`/proc/${pid}/environ`, "latin1")),
    );
}

test("a killed devbox leaves no process once it runs again, and apps are as they are wanted", async () => {
  const state = await makeState();
  const first = await startLife(state);
  const { apps } = first.flyte;
  await apps.deploy(app("kept", [1, 1]), { wait: true });
  await apps.deploy(app("asleep", [0, 1]), { wait: true });
  await apps.deploy(app("stopped", [1, 1]), { wait: true });
  await apps.deploy(app("renewed", [1, 1], "old"), { wait: true });
  expect(processesOf(state).length).toBeGreaterThan(8);
  const before = await Promise.all(["kept", "asleep", "stopped", "renewed"].map(first.ask));
  await apps.deactivate({ name: "stopped" }, { wait: true });
  // Accepted, and not done yet when the devbox is killed.
  await apps.deploy(app("renewed", [1, 1], "new"));
  const killed = before.flatMap(({ pid, child }) => [pid, child]);
  await first.server.stop("SIGKILL");
  await first[Symbol.asyncDispose]();

  const second = await startLife(state);
  await expect.poll(() => killed.filter(isRunning)).toEqual([]);
  const phases: Record<string, string> = {};
  for await (const { name, phase } of second.flyte.apps.list({}, {})) phases[name] = phase;
  expect(phases).toMatchObject({ asleep: "active", stopped: "stopped" });
  const kept = await second.ask("kept");
  expect(killed).not.toContain(kept.pid);
  expect(await second.ask("asleep")).toMatchObject({ word: "same" });
  await expect.poll(async () => (await second.ask("renewed")).word).toBe("new");
  expect((await second.flyte.apps.get({ name: "renewed" })).revision).toBe(2);
  const { phase } = await second.flyte.apps.activate({ name: "stopped" }, { wait: true });
  expect(phase).toBe("active");

  expect(await second.server.stop("SIGTERM")).toBe(0);
  expect([kept.pid, kept.child].filter(isRunning)).toEqual([]);
  expect(processesOf(state)).toEqual([]);
  await second[Symbol.asyncDispose]();
});

test("a killed replica is replaced before the next answer, and the app says what happened", async () => {
  await using life = await startLife(await makeState());
  const { apps } = life.flyte;
  await apps.deploy(app("mortal", [1, 1]), { wait: true });
  const first = await life.ask("mortal");
  process.kill(first.pid, "SIGKILL");
  const second = await life.ask("mortal");
  expect(second.pid).not.toBe(first.pid);
  await expect.poll(() => isRunning(first.child)).toBe(false);
  const status = await apps.get({ name: "mortal" });
  expect(status).toMatchObject({ phase: "active", isActive: true, replicas: 1, revision: 1 });
  expect(status.conditions.map(({ message }) => message).join("\n")).toContain("SIGKILL");
});
