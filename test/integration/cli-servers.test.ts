import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startDevbox } from "../../src/devbox/index.ts";
import { bundleCommand } from "../support/bundled-command.ts";
import { createCaller } from "../support/http.ts";
import { RunningCommand, runCommand } from "../support/run-command.ts";

let folder: string;
let command: readonly string[];
/** Refuses strangers and then answers nothing until told to: a control plane under load, and a taken port. */
let busy: Server;
let taken: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "flyte-webhook-servers-"));
  command = await bundleCommand(join(folder, "package"));
  busy = createServer(({ url }, response) => {
    if (url?.endsWith("/ListTasks") === true) response.writeHead(401).end();
  });
  busy.listen(0, "127.0.0.1");
  await once(busy, "listening");
  taken = String((busy.address() as AddressInfo).port);
  await writeFile(join(folder, "a-file"), "");
  await writeFile(join(folder, "bad.yaml"), "admin: [");
});

afterAll(async () => {
  busy?.closeAllConnections();
  busy?.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 10 });
});

const free = ["--port", "0", "--devbox-port", "0"];
const scope = ["--project", "p", "--domain", "d"];
const somewhere = ["--endpoint", "http://127.0.0.1:1", ...scope, "--port", "0"];

describe("what keeps a server from starting is one line that names the remedy", () => {
  test.each([
    [
      "a taken webhook port",
      () => ["dev", "--no-tasks", "--state", "memory", "--port", taken, "--devbox-port", "0"],
      /Port \d+ on 127\.0\.0\.1 is in use.*--port 0/,
    ],
    [
      "a taken devbox port",
      () => ["dev", "--state", "memory", "--port", "0", "--devbox-port", taken],
      /--devbox-port 0 for a free one/,
    ],
    [
      "a taken gateway port",
      () => ["devbox", "--state", "memory", "--port", "0", "--gateway-port", taken],
      /Port \d+ on 127\.0\.0\.1 is in use.*--gateway-port 0 for a free one/,
    ],
    [
      "a foreign address",
      () => ["devbox", "--state", "memory", "--port", "0", "--host", "192.0.2.1"],
      /192\.0\.2\.1 is not an address of this machine.*--host/,
    ],
    [
      "a state folder that is a file",
      () => ["devbox", "--port", "0", "--state", "a-file"],
      /a-file is a file.*choose a folder/,
    ],
    [
      "a broken config file",
      () => ["serve", "--config", "bad.yaml", "--port", "0"],
      /bad\.yaml, line \d+.*not valid YAML/,
    ],
    [
      "an absent config file",
      () => ["serve", "--config", "no.yaml", "--port", "0"],
      /no\.yaml does not exist/,
    ],
    [
      "no endpoint",
      () => ["serve", ...scope, "--port", "0"],
      /No control plane is configured.*flyte-webhook devbox/,
    ],
    [
      "no project",
      () => ["serve", "--endpoint", "https://f.example", "--port", "0"],
      /needs a project.*--project/,
    ],
    [
      "an unknown group",
      () => ["serve", ...somewhere, "--endpoint-group", "tsk"],
      /no endpoint group "tsk"\. Did you mean "task"/,
    ],
    [
      "an unknown endpoint",
      () => ["serve", ...somewhere, "--endpoints", "run_tsk"],
      /Did you mean "run_task"/,
    ],
    [
      "a ready file in no folder",
      () => [
        ...["serve", "--endpoint", `http://127.0.0.1:${taken}`, ...scope, "--port", "0"],
        ...["--ready-file", "no/ready.json"],
      ],
      /no\/ready\.json cannot be written.*--ready-file/,
    ],
    [
      "absent tasks",
      () => ["dev", "--state", "memory", ...free, "--tasks", "no.ts"],
      /Cannot bundle no\.ts/,
    ],
    [
      "an unknown option",
      () => ["dev", "--prot", "1"],
      /unknown option '--prot'\n\(Did you mean --port\?\)/,
    ],
    ["a port that is none", () => ["dev", "--port", "x"], /A port is a number from 0 to 65535/],
    ["an unknown command", () => ["gett"], /unknown command 'gett'\n\(Did you mean get\?\)/],
    ["a missing argument", () => ["run"], /missing required argument 'task'/],
  ])("%s", async (_, line, says) => {
    const result = await runCommand(line(), { command, cwd: folder });
    expect(result.stderr).toMatch(says);
    expect(result).toMatchObject({ code: 2, stdout: "" });
    expect(result.stderr).not.toMatch(/\n\s+at |defect/);
  });
});

test("a webhook does not start in front of a control plane that is not there", async () => {
  const result = await runCommand(["serve", ...somewhere], { command, cwd: folder });
  expect(result).toMatchObject({ code: 5, stdout: "" });
  expect(result.stderr).toMatch(/^error: The control plane at http:\/\/127\.0\.0\.1:1 does not/);
  expect(result.stderr.trim().split("\n")).toHaveLength(1);
});

test("a webhook stands in front of an open control plane only when it is told to", async () => {
  await using devbox = await startDevbox({ state: "memory", port: 0, allowAnonymous: true });
  const scope = ["-p", "flytesnacks", "-d", "development", "--endpoint", devbox.url];
  const line = ["serve", "--port", "0", ...scope];
  const result = await runCommand(line, { command, cwd: folder });
  expect(result).toMatchObject({ code: 2, stdout: "" });
  expect(result.stderr).toMatch(/accepts calls without a credential.*--allow-anonymous/);
  const told = [...line, "--allow-anonymous"];
  await using server = new RunningCommand(told, { command, cwd: folder });
  await server.saw(/runs go to.*\n/);
  server.kill("SIGTERM");
  expect(await server.wait()).toBe(0);
});

test("a devbox keeps its folder to itself", async () => {
  const line = ["devbox", "--port", "0", "--state", "owned"];
  await using first = new RunningCommand(line, { command, cwd: folder });
  await first.saw(/Ctrl-C/);
  const second = await runCommand(line, { command, cwd: folder });
  expect(second).toMatchObject({ code: 2, stdout: "" });
  expect(second.stderr).toMatch(/^error: The state folder \S+owned is in use by another devbox/);
  first.kill("SIGINT");
  expect(await first.wait()).toBe(0);
});

test("a stop ends all that a server started, tasks included", async () => {
  const ready = join(folder, "ready.json");
  const line = ["dev", ...free, "--state", "memory", "--ready-file", ready, "--log-level", "info"];
  await using server = new RunningCommand(line, { command, cwd: folder });
  await server.saw(/Ctrl-C/);
  expect((await stat(ready)).mode & 0o777).toBe(0o600);
  const { webhook, keys } = JSON.parse(await readFile(ready, "utf8"));

  const alice = createCaller(webhook, keys.alice);
  const path = "/run-task/development/flytesnacks/slow.count";
  expect((await alice.post(path, { to: 600 })).status).toBe(200);
  await server.saw(/"route":"\/run-task/);
  expect(server.written.split("Ctrl-C stops it.")[1]).not.toContain(keys.alice);
  const children = childrenOf(server.pid);
  expect(children.length).toBeGreaterThan(0);

  server.kill("SIGTERM");
  expect(await server.wait()).toBe(0);
  // The bundler's process sees that its parent has gone, and ends by itself.
  await expect.poll(() => children.filter(isRunning)).toEqual([]);
});

test("npm start passes options on, and a signal too", async () => {
  const root = join(import.meta.dirname, "../..");
  const npm = ["npm", "start", "--silent", "--prefix", root, "--"];
  const line = [...free, "--state", "memory", "--no-tasks", "--json"];
  await using server = new RunningCommand(line, { command: npm, cwd: folder });
  await server.saw(/\{"webhook".*\n/);
  const { webhook } = JSON.parse(/\{"webhook".*/.exec(server.written)?.[0] ?? "");
  expect((await fetch(`${webhook}/health`)).status).toBe(200);
  server.kill("SIGTERM");
  await server.wait();
  await expect(fetch(`${webhook}/health`)).rejects.toThrow();
});

test("a stop while the tasks are deployed ends the start-up", async () => {
  const line = ["dev", ...free, "--state", "early"];
  await using server = new RunningCommand(line, { command, cwd: folder });
  await server.saw(/Deployed/);
  server.kill("SIGTERM");
  expect(await server.wait()).toBe(0);
  expect(server.written).not.toMatch(/defect|error/);
  // The folder was given back.
  expect(existsSync(join(folder, "early", "address"))).toBe(false);
});

test("a stop answers what was accepted", async () => {
  const control = ["--endpoint", `http://127.0.0.1:${taken}`, ...scope];
  await using server = new RunningCommand(
    ["serve", ...control, "--port", "0", "--log-level", "silent", "--json"],
    { command, cwd: folder },
  );
  await server.saw(/\n/);
  const received = once(busy, "request");
  const { webhook } = JSON.parse(server.written);
  const answer = createCaller(webhook, "a-key").get("/me");
  const [, response] = await received;
  server.kill("SIGTERM");
  // Refused connections tell that it has begun to stop.
  await expect
    .poll(() =>
      fetch(`${webhook}/health`).then(
        () => true,
        () => false,
      ),
    )
    .toBe(false);
  response.statusCode = 403;
  response.setHeader("content-type", "application/json");
  response.end('{"code": "permission_denied", "message": "no"}');
  expect((await answer).status).toBe(403);
  expect(await server.wait()).toBe(0);
});

test("a second signal ends a server at once", async () => {
  const control = ["--endpoint", `http://127.0.0.1:${taken}`, ...scope];
  await using server = new RunningCommand(["serve", ...control, "--port", "0"], {
    command,
    cwd: folder,
  });
  await server.saw(/runs go to.*\n/);
  const received = once(busy, "request");
  const webhook = /webhook +(\S+)/.exec(server.written)?.[1] ?? "";
  const answer = createCaller(webhook, "a-key")
    .get("/me")
    .catch(() => "cut");
  await received;
  server.kill("SIGINT");
  await server.saw(/Stopping/);
  // Signals that come together count as one, so it is sent until it counts.
  const again = setInterval(() => server.kill("SIGINT"), 100);
  expect(await server.wait()).toBe(130);
  clearInterval(again);
  expect(await answer).toBe("cut");
});

function childrenOf(pid: number): readonly string[] {
  return execFileSync("sh", ["-c", `cat /proc/${pid}/task/*/children`], { encoding: "utf8" })
    .split(/\s+/)
    .filter((text) => text !== "");
}

/** Not gone, and not a dead process that its new parent has yet to take note of. */
function isRunning(pid: string): boolean {
  try {
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
