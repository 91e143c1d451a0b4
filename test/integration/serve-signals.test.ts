import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { serve } from "../../src/app/serve/serve.ts";
import { RunningCommand } from "../support/run-command.ts";
import { isAlive, plainApp, rejection, textOf } from "../support/served.ts";

const root = resolve(import.meta.dirname, "../..");
const tsx = [process.execPath, "--import", import.meta.resolve("tsx")];
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "flyte-webhook-serve-"));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true, maxRetries: 10 });
});

/** A child that answers its process id, and an app that answers when SIGUSR2 comes. */
const prelude = `
import Fastify from ${fileUrl("node_modules/fastify/fastify.js")};
import { AppEnvironment, FastifyAppEnvironment, serve } from ${fileUrl("src/index.ts")};
const child = new AppEnvironment({ name: "child", command: [process.execPath, "-e",
  'require("node:http").createServer((_, response) => response.end(String(process.pid))).listen(process.env.PORT)'] });
const slow = new FastifyAppEnvironment({ name: "slow", dependsOn: [child], app: () => {
  const app = Fastify();
  app.addHook("preClose", async () => console.log("closing"));
  app.get("/slow", () => new Promise((done) => {
    process.on("SIGUSR2", () => done("finished"));
    console.log("arrived");
  }));
  return app;
} });
const [app, other] = await serve([slow, child], { port: 0, deactivateTimeoutMs: 60_000 });
`;

/** Says that all before it is done: what it serves, and what it listens for. */
const ready = '\nconsole.log("ready", app.endpoint, other.endpoint);\n';

function fileUrl(path: string): string {
  return JSON.stringify(pathToFileURL(join(root, path)).href);
}

interface Program extends AsyncDisposable {
  readonly command: RunningCommand;
  readonly slow: string;
  /** The process of the other app. */
  readonly childPid: number;
}

/** Runs a program that serves both, and then does what the code says. */
async function start(code = ""): Promise<Program> {
  const file = join(folder, `${randomUUID()}.mjs`);
  await writeFile(file, prelude + code + ready);
  const command = new RunningCommand([file], { command: tsx, cwd: folder });
  await command.saw(/ready \S+ \S+\n/);
  const [, slow = "", child = ""] = /ready (\S+) (\S+)\n/.exec(command.written) ?? [];
  const childPid = Number(await textOf(child));
  return { command, slow, childPid, [Symbol.asyncDispose]: () => command[Symbol.asyncDispose]() };
}

describe("a signal to the process that serves", () => {
  test.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)(
    "%s stops all, running requests answered, and then ends the process",
    async (signal) => {
      await using program = await start();
      const { command, slow, childPid } = program;
      const answer = textOf(`${slow}/slow`);
      await command.saw(/arrived/);
      command.kill(signal);
      await command.saw(/closing/);
      command.kill("SIGUSR2");
      expect(await answer).toBe("finished");
      expect(await command.wait()).toBeNull(); // It died of the signal.
      expect(isAlive(childPid)).toBe(false);
    },
  );

  test("stops all and leaves the end to the process, where it listens itself", async () => {
    await using program = await start(
      'process.on("SIGTERM", async () => { await app.deactivate(); console.log("own end"); });',
    );
    const { command, childPid } = program;
    command.kill("SIGTERM");
    expect(await command.wait()).toBe(0);
    expect(command.written).toContain("own end");
    expect(isAlive(childPid)).toBe(false);
  });

  test("ends it at once when it is sent again, children included", async () => {
    await using program = await start();
    const { command, slow, childPid } = program;
    const answer = rejection(fetch(`${slow}/slow`));
    await command.saw(/arrived/);
    command.kill("SIGTERM");
    await command.saw(/closing/);
    const ended = command.wait();
    const again = setInterval(() => command.kill("SIGTERM"), 50);
    expect(await ended).toBe(143);
    clearInterval(again);
    expect(await answer).toBeInstanceOf(TypeError);
    await expect.poll(() => isAlive(childPid)).toBe(false);
  });
});

test.each([
  ["its exit", "process.exit(7);", 7],
  ["an error nobody catches", 'throw new Error("oops");', 1],
])("%s ends the children too", async (_, code, exitCode) => {
  await using program = await start(`process.on("SIGUSR2", () => { ${code} });`);
  const { command, childPid } = program;
  command.kill("SIGUSR2");
  expect(await command.wait()).toBe(exitCode);
  await expect.poll(() => isAlive(childPid)).toBe(false);
});

/** An app with hooks, and a child that tells where its parameters are. */
const hooked = `
import { createServer } from "node:http";
import { AppEnvironment, serve } from ${fileUrl("src/index.ts")};
const parameters = [{ name: "size", value: "small" }];
const child = new AppEnvironment({ name: "child", parameters, command: [process.execPath, "-e",
  'require("node:http").createServer((_, r) => r.end(process.env["flyte-parameters.json"])).listen(process.env.PORT)'] });
const app = new AppEnvironment({ name: "app", parameters,
  server: ({ host, port }) => createServer((_, response) => response.end()).listen(port, host),
  onShutdown: () => console.log("shutdown") });
const [, served] = await serve([app, child], { port: 0 });
process.on("SIGUSR2", () => process.exit(7));
console.log("ready", await (await fetch(served.endpoint)).text(), "");
`;

test.each([
  ["SIGTERM", null, 1],
  ["SIGUSR2", 7, 0], // The process exits: there is no time for hooks.
] as const)("after %s nothing of hooks and parameters is left", async (signal, code, shutdowns) => {
  const file = join(folder, `${randomUUID()}.mjs`);
  await writeFile(file, hooked);
  await using command = new RunningCommand([file], { command: tsx, cwd: folder });
  await command.saw(/ready \S+ \n/);
  const [, parameters = ""] = /ready (\S+) \n/.exec(command.written) ?? [];
  expect(existsSync(parameters)).toBe(true);
  command.kill(signal);
  expect(await command.wait()).toBe(code);
  expect(existsSync(dirname(parameters))).toBe(false);
  expect(command.written.split("shutdown")).toHaveLength(1 + shutdowns);
});

test("nothing is listened for while nothing is served", async () => {
  const count = () =>
    ["SIGTERM", "SIGINT", "SIGHUP", "exit"].map((event) => process.listenerCount(event));
  const before = count();
  const apps = await serve([plainApp("one"), plainApp("two")], { port: 0 });
  expect(count()).toEqual(before.map((listeners) => listeners + 1));
  await apps[0]?.deactivate();
  expect(count()).toEqual(before.map((listeners) => listeners + 1));
  await apps[1]?.deactivate();
  expect(count()).toEqual(before);
});
