import { once } from "node:events";
import { get } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AppSpec } from "../../src/client/app-spec.ts";
import { bearerAuthenticator } from "../../src/client/auth/bearer.ts";
import type { ControlPlane } from "../../src/client/control-plane.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { lookupHost } from "../../src/shared/lookup-host.ts";
import { toJson, useCommandDevbox } from "../support/command-devbox.ts";
import { RunningCommand } from "../support/run-command.ts";

/** The commands about apps, against one devbox that runs them. */
const devbox = useCommandDevbox(["devbox", "--gateway-port", "0"]);
let flyte: ControlPlane;

beforeAll(() => {
  const { controlPlane: endpoint, keys } = devbox.server.ready;
  flyte = createControlPlane({
    endpoint,
    project: "flytesnacks",
    domain: "development",
    authenticator: bearerAuthenticator(keys["alice"] ?? ""),
  });
});

afterAll(() => flyte?.close());

const program = `
const http = require("node:http");
console.log("started");
http.createServer((request, response) => { console.log("asked for " + request.url); response.end("hello"); })
  .listen(process.env.PORT, "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));`;

function app(name: string, given: Partial<AppSpec> = {}, script: string = program): AppSpec {
  return {
    name,
    container: {
      image: "none",
      command: [process.execPath, "-e", script],
      args: [],
      env: {},
      port: 8080,
      requests: {},
      limits: {},
    },
    replicas: [1, 1],
    requiresAuth: false,
    secrets: [],
    links: [{ path: "/docs", title: "Docs", isRelative: true }],
    clusterPool: "default",
    labels: {},
    inputs: [],
    ...given,
  };
}

const run = devbox.flyte;

test("no app, and one that is not there", async () => {
  const [none, missing, deleted] = await Promise.all([
    run(["get", "app"]),
    run(["get", "app", "nowhere"]),
    run(["delete", "app", "nowhere", "--yes"]),
  ]);
  expect(none).toMatchObject({ code: 0, stdout: "NAME  PHASE  REPLICAS  ENDPOINT\n" });
  for (const result of [missing, deleted]) {
    expect(result).toMatchObject({ code: 3, stdout: "" });
    expect(result.stderr).toMatch(/^error: .*nowhere/);
  }
});

test("an app is listed, shown, switched off and on, and deleted", async () => {
  const { status } = await flyte.apps.deploy(app("site"), { wait: true });
  const [listed, shown] = await Promise.all([run(["get", "app"]), run(["get", "app", "site"])]);
  expect(listed.stdout).toMatch(/^NAME {2}PHASE +REPLICAS {2}ENDPOINT\nsite {2}active/);
  expect(listed.stdout).toContain(status.endpoint);
  expect(shown.stdout).toMatch(/^app +site\nphase +active/);
  expect(shown.stdout).toMatch(/^creator +alice$/m);
  expect(shown.stdout).toContain(`Docs  ${status.endpoint}/docs`);
  expect(toJson(await run(["get", "app", "--json"]))).toMatchObject([
    { name: "site", replicas: 1 },
  ]);

  const off = toJson(await run(["deactivate", "app", "site", "--json"]));
  expect(off).toMatchObject({ phase: "stopped", isDeactivated: true, replicas: 0 });
  const on = await run(["activate", "app", "site", "--timeout", "60s"]);
  expect(on.code).toBe(0);
  expect(on.stdout).toMatch(/^phase +active/m);
  expect(on.stderr).toMatch(/^active/m);
  const left = toJson(await run(["deactivate", "app", "site", "--no-wait", "--json"]));
  expect(left).toMatchObject({ name: "site" });
  await expect.poll(async () => (await flyte.apps.get({ name: "site" })).phase).toBe("stopped");

  expect(toJson(await run(["delete", "app", "site", "--json"]))).toEqual({
    name: "site",
    deleted: true,
  });
  expect(await run(["get", "app", "site"])).toMatchObject({ code: 3 });
});

test("what an app wrote is printed, and followed where it is asked for", async () => {
  const { status } = await flyte.apps.deploy(app("talker"), { wait: true });
  const now = await run(["get", "app-logs", "talker"]);
  expect(now).toMatchObject({ code: 0, stderr: "" });
  expect(now.stdout).toMatch(/^\S+ {2}started\n/);
  const [first] = (await run(["get", "app-logs", "talker", "--json"])).stdout.split("\n");
  const line = JSON.parse(first ?? "");
  expect(line).toMatchObject({ message: "started", replica: expect.stringMatching(/./) });
  const alone = await run(["get", "app-logs", "talker", "--replica", line.replica]);
  expect(alone.stdout).toMatch(/^started\n/);

  await using following = new RunningCommand(
    ["get", "app-logs", "talker", "--follow", "--state", devbox.state],
    { command: devbox.command, cwd: devbox.folder },
  );
  await following.saw(/started/);
  await once(get(`${status.endpoint}/here`, { agent: false, lookup: lookupHost }), "response");
  await following.saw(/asked for \/here/);
  await flyte.apps.delete({ name: "talker" });
  expect(await following.wait()).toBe(0);
});

test("an app that fails ends the command that waits for it", async () => {
  await flyte.apps.deploy(app("broken", {}, "console.error('no database'); process.exit(3)"));
  await flyte.apps.deactivate({ name: "broken" }, { wait: true });
  const result = await run(["activate", "app", "broken"]);
  expect(result).toMatchObject({ code: 1, stdout: "" });
  expect(result.stderr).toMatch(/^error: App broken failed: .+/m);
  const shown = await run(["get", "app", "broken"]);
  expect(shown.stdout).toMatch(/^phase +failed \(crash_loop\)/m);
});
