import { createHmac } from "node:crypto";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bearerAuthenticator } from "../../src/client/auth/bearer.ts";
import type { ControlPlane } from "../../src/client/control-plane.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { askApp } from "../support/ask-app.ts";
import { bundleCommand } from "../support/bundled-command.ts";
import { ServerProcess } from "../support/dev-process.ts";
import { runCommand } from "../support/run-command.ts";

/** The example of a webhook for GitHub as people use it: served from its file, and deployed with its code. */
let folder: string;
let program: readonly string[];
let state: string;
let dev: ServerProcess;
let ciKey: string;

const secret = "what-github-signs-with";
const commit = "0123456789abcdef0123456789abcdef01234567";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "flyte-webhook-hooks-"));
  state = join(folder, "state");
  program = await bundleCommand(join(folder, "package"));
  for (const name of ["github-webhook.ts", "is-main.ts"]) {
    await copyFile(resolve("examples/apps", name), join(folder, "package", name));
  }
  const ports = ["--port", "0", "--devbox-port", "0", "--gateway-port", "0"];
  dev = await ServerProcess.start(["dev", "--state", state, ...ports], { command: program });
  const created = await flyte(
    "create",
    "api-key",
    "ci",
    "--for",
    "ci-bot",
    "--role",
    "contributor",
  );
  ciKey = JSON.parse(created).key;
});

afterAll(async () => {
  await dev?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true, maxRetries: 10 });
});

async function flyte(...args: readonly string[]): Promise<string> {
  const options = { command: program, cwd: join(folder, "package") };
  const { code, stdout, stderr } = await runCommand([...args, "--state", state, "--json"], options);
  expect(`${stderr} ${code}`).toMatch(/ 0$/);
  return stdout;
}

/** What the example finds in its environment. */
const served = (): Readonly<Record<string, string>> => ({
  GITHUB_WEBHOOK_SECRET: secret,
  CI_API_KEY: ciKey,
  FLYTE_ENDPOINT: dev.ready.controlPlane,
  FLYTE_INTERNAL_EXECUTION_PROJECT: "flytesnacks",
  FLYTE_INTERNAL_EXECUTION_DOMAIN: "development",
});

const connect = (): ControlPlane =>
  createControlPlane({
    endpoint: dev.ready.controlPlane,
    ...{ project: "flytesnacks", domain: "development" },
    authenticator: bearerAuthenticator(ciKey),
  });

/** Pushes as GitHub does. */
async function push(endpoint: string, id: string, changes: object = {}, key = secret) {
  const body = JSON.stringify({
    ref: "refs/heads/main",
    after: commit,
    deleted: false,
    ...changes,
  });
  const { status, body: text } = await askApp(endpoint, "/hooks/github", {
    method: "POST",
    body,
    headers: {
      "content-type": "application/json",
      "x-github-event": "push",
      "x-github-delivery": id,
      "x-hub-signature-256": `sha256=${createHmac("sha256", key).update(body).digest("hex")}`,
    },
  });
  return { status, body: JSON.parse(text) };
}

async function expectPushesStartRuns(endpoint: string, id: string): Promise<void> {
  const started = await push(endpoint, id);
  expect(started).toMatchObject({
    status: 202,
    body: { status: "started", acts_as: "hook:github", subject: "ci-bot" },
  });
  const { name } = started.body.run;
  expect(await push(endpoint, id)).toMatchObject({
    status: 202,
    body: { status: "duplicate", run: { name } },
  });
  expect(await push(endpoint, `${id}-tag`, { ref: "refs/tags/v1" })).toMatchObject({
    body: { status: "ignored" },
  });
  expect(await push(endpoint, `${id}-gone`, { deleted: true })).toMatchObject({
    body: { status: "ignored" },
  });
  expect(await push(endpoint, `${id}-bad`, {}, "another-secret-of-them")).toMatchObject({
    status: 401,
  });
  expect((await askApp(endpoint, `/run/${name}`)).status).toBe(401);
  await using controlPlane = connect();
  expect(await controlPlane.runs.wait({ name })).toMatchObject({
    phase: "succeeded",
    owner: "ci-bot",
    task: { name: "ci.plan_build" },
  });
}

test("the example is served from its file; killed in the middle, it has lost nothing that it answered", async () => {
  const file = join(folder, "package", "github-webhook.ts");
  const start = () =>
    ServerProcess.start(["serve", file, "--port", "0"], { command: program, env: served() });
  const ids = Array.from({ length: 10 }, (_, index) => `killed-${index}`);
  const answered = new Map<string, string>();
  {
    await using server = await start();
    const { endpoint } = server.ready as unknown as { readonly endpoint: string };
    const sending = ids.map(async (id) => {
      const { status, body } = await push(endpoint, id);
      if (status === 202) answered.set(id, body.run.name);
      if (answered.size === 3) server.process.kill("SIGKILL");
    });
    await Promise.allSettled(sending);
  }
  expect(answered.size).toBeGreaterThanOrEqual(3);
  await using server = await start();
  const { endpoint } = server.ready as unknown as { readonly endpoint: string };
  const again = await Promise.all(ids.map(async (id) => [id, await push(endpoint, id)] as const));
  for (const [id, { status, body }] of again) {
    expect(status).toBe(202);
    if (answered.has(id)) {
      expect(body).toMatchObject({ status: "duplicate", run: { name: answered.get(id) } });
    }
  }
  const names = new Set(again.map(([, { body }]) => body.run.name));
  expect(names.size).toBe(ids.length);
  await using controlPlane = connect();
  const runs = await controlPlane.runs.list(undefined, { limit: 1000 });
  const ofPushes = runs.filter(({ name }) => names.has(name));
  expect(ofPushes).toHaveLength(ids.length);
  await expectPushesStartRuns(endpoint, "served-1");
});

test("without its secrets it does not start, and says which is missing", async () => {
  const env = { FLYTE_ENDPOINT: dev.ready.controlPlane, CI_API_KEY: ciKey };
  const file = join(folder, "package", "github-webhook.ts");
  const started = ServerProcess.start(["serve", file, "--port", "0"], { command: program, env });
  await expect(started).rejects.toThrow(/GITHUB_WEBHOOK_SECRET|github/);
});

test("the example is deployed with its code, its secrets staying where it runs", async () => {
  await Promise.all([
    flyte("create", "secret", "github-webhook-secret", "--value", secret),
    flyte("create", "secret", "ci-api-key", "--value", ciKey),
  ]);
  const deployed = JSON.parse(await flyte("deploy", "github-webhook.ts", "--wait"));
  expect(deployed).toMatchObject([{ app: "github-hooks", change: "created", phase: "active" }]);
  await expectPushesStartRuns(deployed[0].endpoint, "deployed-1");
});
