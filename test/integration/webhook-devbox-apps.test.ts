import { afterAll, beforeAll, expect, test } from "vitest";
import type { AppSpec } from "../../src/client/app-spec.ts";
import { bearerAuthenticator } from "../../src/client/auth/bearer.ts";
import type { ControlPlane } from "../../src/client/control-plane.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { type Devbox, startDevbox } from "../../src/devbox/index.ts";
import { createWebhook } from "../../src/webhook/create-webhook.ts";
import { plainApp } from "../support/app-spec.ts";
import { createCaller } from "../support/http.ts";

/** Apps that really run, behind the gateway of a devbox, used by a client and through a webhook. */
let devbox: Devbox;
let flyte: ControlPlane;
let passthrough: ControlPlane;
let webhook: ReturnType<typeof createWebhook>;
let url: string;

const scope = { project: "flytesnacks", domain: "development" };

beforeAll(async () => {
  devbox = await startDevbox({ state: "memory", port: 0 });
  const authenticator = bearerAuthenticator(keyOf("alice"));
  flyte = createControlPlane({ endpoint: devbox.url, ...scope, authenticator });
  passthrough = createControlPlane({ endpoint: devbox.url, ...scope });
  webhook = createWebhook({
    name: "door",
    controlPlane: passthrough,
    appAllowlist: ["site", "public"],
  });
  url = await webhook.listen({ host: "127.0.0.1", port: 0 });
});

afterAll(async () => {
  await webhook?.close();
  await Promise.all([flyte?.close(), passthrough?.close()]);
  await devbox?.close();
});

function keyOf(subject: string): string {
  const key = devbox.keys[subject];
  if (key === undefined) throw new Error(`${subject} has no key`);
  return key;
}

const script = `
require("node:http").createServer((request, response) => {
  response.setHeader("content-type", "application/json");
  const { host, "x-flyte-user-subject": subject } = request.headers;
  response.end(JSON.stringify({ mark: process.env.MARK, url: request.url, subject, host }));
}).listen(process.env.PORT, "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));`;

function app(name: string, mark: string, given: Partial<AppSpec> = {}): AppSpec {
  const command = [process.execPath, "-e", script];
  return {
    ...plainApp,
    name,
    container: { ...plainApp.container, command, env: { MARK: mark }, requests: { cpu: "1" } },
    ...given,
  };
}

test("an app is created, then the same, then another revision that takes over", async () => {
  const wait = true;
  const first = await flyte.apps.deploy(app("revised", "one", { labels: { team: "ml" } }), {
    wait,
  });
  expect(first).toMatchObject({ change: "created", status: { revision: 1, creator: "alice" } });
  const same = await flyte.apps.deploy(app("revised", "one", { codeBundleUri: "file:///b" }));
  expect(same).toMatchObject({ change: "unchanged", status: { revision: 1 } });
  await flyte.apps.activate({ name: "revised" }, { wait });
  expect((await flyte.apps.deploy(app("revised", "one"))).change).toBe("unchanged");
  const next = await flyte.apps.deploy(app("revised", "two", { replicas: [1, 1] }), { wait });
  expect(next).toMatchObject({ change: "updated", status: { revision: 2, isActive: true } });
  expect(next.status.conditions.at(-1)?.revision).toBe(2);
  await flyte.apps.delete({ name: "revised" });
  await expect(flyte.apps.get({ name: "revised" })).rejects.toMatchObject({ code: "not_found" });
});

test("apps are listed by phase and creator", async () => {
  await flyte.apps.deploy(app("lit", "x", { replicas: [1, 1] }), { wait: true });
  await flyte.apps.deploy(app("dark", "x"));
  await flyte.apps.deactivate({ name: "dark" }, { wait: true });
  const names = async (options: Parameters<ControlPlane["apps"]["list"]>[1]) => {
    const found: string[] = [];
    for await (const { name } of flyte.apps.list({}, options)) found.push(name);
    return found;
  };
  expect(await names({ phases: ["stopped"] })).toEqual(["dark"]);
  expect(await names({ creator: "alice" })).toEqual(["dark", "lit"]);
  const sort = { by: "name", order: "descending" } as const;
  expect(await names({ phases: ["stopped", "active"], sort, limit: 1 })).toEqual(["lit"]);
  expect(await names({ creator: "bob" })).toEqual([]);
  await Promise.all([flyte.apps.delete({ name: "lit" }), flyte.apps.delete({ name: "dark" })]);
});

test("call_app reaches an app behind the gateway, as its caller", async () => {
  const { status } = await flyte.apps.deploy(app("site", "s"), { wait: true });
  expect(status.endpoint).toMatch(/^http:\/\/site-flytesnacks-development\.localhost:\d+/);
  const alice = createCaller(url, keyOf("alice"));
  const read = await alice.get("/app/site");
  expect(read).toMatchObject({ status: 200 });
  expect(read.body).toEqual({
    name: "site",
    revision: 1,
    endpoint: status.endpoint,
    is_active: true,
    is_deactivated: false,
    url: status.url,
  });
  const called = await alice.post("/app/site/call?path=/hello", {});
  expect(called).toMatchObject({
    status: 200,
    body: { mark: "s", url: "/hello", subject: "alice", host: new URL(status.endpoint).host },
  });
  const off = await alice.post("/app/site/deactivate?wait=true");
  expect(off.body).toMatchObject({ is_active: false, is_deactivated: true });
  expect((await alice.post("/app/site/call?path=/", {})).status).toBe(409);
  const on = await alice.post("/app/site/activate?wait=true");
  expect(on.body).toMatchObject({ is_active: true });
  expect((await alice.post("/app/site/call?path=/again", {})).body).toMatchObject({
    url: "/again",
  });
});
