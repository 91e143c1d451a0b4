import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import Fastify from "fastify";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { env as custom } from "../../examples/apps/custom-app.ts";
import {
  authMetadata,
  closeControlPlane,
  currentDomain,
  currentProject,
  FastifyAppEnvironment,
  FlyteWebhookAppEnvironment,
  headerExtractor,
  initPassthrough,
  passthroughAuth,
  remote,
  serve,
} from "../../src/index.ts";
import { ControlPlaneStub } from "../support/control-plane-stub.ts";
import { createCaller } from "../support/http.ts";
import { runProgram } from "../support/run-command.ts";
import { unusedPort } from "../support/unused-port.ts";

const root = resolve(import.meta.dirname, "../..");

beforeEach(() => {
  vi.stubEnv("HOME", "/nonexistent");
  for (const name of ["FLYTE_ENDPOINT", "_U_EP_OVERRIDE", "FLYTECTL_CONFIG"]) {
    vi.stubEnv(name, undefined);
  }
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await closeControlPlane();
});

async function startStub(): Promise<ControlPlaneStub> {
  const stub = await ControlPlaneStub.start();
  onTestFinished(() => stub[Symbol.asyncDispose]());
  return stub;
}

test("a custom app that is told of no control plane does not start, and names the variable", async () => {
  const port = await unusedPort();
  await expect(serve(custom, { port })).rejects.toThrow(/FLYTE_ENDPOINT/);
  await expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow();
});

test("a configuration file says where the control plane of a served webhook is, and the place of its runs", async () => {
  const stub = await startStub();
  const folder = await mkdtemp(join(tmpdir(), "flyte-webhook-config-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "config.yaml");
  const place = "task:\n  project: churn\n  domain: staging\n";
  await writeFile(file, `admin:\n  endpoint: ${stub.url}\n${place}`);
  vi.stubEnv("FLYTECTL_CONFIG", file);
  const env = new FlyteWebhookAppEnvironment({ name: "configured", allowAnonymous: true });
  const handle = await serve(env, { port: 0 });
  onTestFinished(() => handle[Symbol.asyncDispose]());
  const caller = createCaller(handle.endpoint, "key");
  expect((await caller.get("/me")).body).toEqual({ subject: "Bearer key", name: "Ada" });
  const { body } = await caller.get("/run/run-of-other");
  expect(body.url).toBe(`${stub.url}/v2/domain/staging/project/churn/runs/run-of-other`);
});

test("project and domain that were given at the start are those that handlers read", async () => {
  const scope = { project: "churn", domain: "staging" };
  const stub = await startStub();
  const app = Fastify();
  app.addHook("onReady", async () => {
    await initPassthrough({ endpoint: stub.url, ...scope, check: false });
  });
  app.get("/", async () => ({ project: currentProject(), domain: currentDomain() }));
  const handle = await serve(new FastifyAppEnvironment({ name: "reader", app }), { port: 0 });
  onTestFinished(() => handle[Symbol.asyncDispose]());
  expect(await (await fetch(handle.endpoint)).json()).toEqual(scope);
});

test("headers bound for a block of code are sent by the calls inside it, and by no others", async () => {
  const stub = await startStub();
  await initPassthrough({ endpoint: stub.url, check: false });
  await remote.User.get();
  const pairs = [
    ["authorization", "Bearer of-alice"],
    ["cookie", "session=of-alice"],
  ] as const;
  await authMetadata(pairs, async () => {
    await remote.User.get();
    await authMetadata([["authorization", "Bearer of-bob"]], () => remote.User.get());
    await remote.User.get();
  });
  await remote.User.get();
  const alice = { authorization: "Bearer of-alice", cookie: "session=of-alice" };
  const nobody = { authorization: null, cookie: null };
  expect(stub.calls.map(({ authorization, cookie }) => ({ authorization, cookie }))).toEqual([
    nobody,
    alice,
    { authorization: "Bearer of-bob", cookie: null },
    alice,
    nobody,
  ]);
});

test("the middleware protects the routes that were declared before it, too", async () => {
  const app = Fastify();
  onTestFinished(() => app.close());
  app.get("/before", async () => "reached");
  app.register(async (child) => {
    child.get("/nested", async () => "reached");
  });
  app.register(passthroughAuth);
  app.get("/after", async () => "reached");
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  for (const path of ["/before", "/nested", "/after"]) {
    expect(`${path} ${(await fetch(url + path)).status}`).toBe(`${path} 401`);
    const answer = await fetch(url + path, { headers: { authorization: "Bearer key" } });
    expect(await answer.text()).toBe("reached");
  }
});

test("extractors that are given take the place of the default ones", async () => {
  const app = Fastify();
  onTestFinished(() => app.close());
  app.register(passthroughAuth, {
    headerExtractors: [headerExtractor("x-api-key", { forwardAs: "authorization" })],
  });
  app.get("/", async (request) => request.authMetadata);
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  const both = { authorization: "Bearer unread", cookie: "session=unread" };
  expect((await fetch(url, { headers: both })).status).toBe(401);
  const answer = await fetch(url, { headers: { ...both, "x-api-key": "key" } });
  expect(await answer.json()).toEqual([["authorization", "key"]]);
});

test("a file that serves its app does so when it is run, and not when it is imported", async () => {
  const folder = await mkdtemp(join(tmpdir(), "flyte-webhook-script-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = (path: string) => JSON.stringify(join(root, path));
  const script = `
    import Fastify from ${file("node_modules/fastify/fastify.js")};
    import { FastifyAppEnvironment, serve } from ${file("src/index.ts")};
    import { isMain } from ${file("examples/apps/is-main.ts")};
    const app = () => Fastify().get("/", () => "the app answers");
    export const env = new FastifyAppEnvironment({ name: "script", app });
    if (isMain(import.meta.url)) {
      const { endpoint } = await serve(env, { port: 0 });
      console.log(await (await fetch(endpoint)).text());
      process.exit(0);
    }
  `;
  await writeFile(join(folder, "app.mts"), script);
  await writeFile(
    join(folder, "other.mts"),
    'import { env } from "./app.mts"; console.log("imported " + env.name);',
  );
  const start = (name: string) =>
    runProgram([process.execPath, "--import", import.meta.resolve("tsx"), join(folder, name)], {
      cwd: folder,
    });
  expect(await start("app.mts")).toEqual({ code: 0, stdout: "the app answers\n", stderr: "" });
  expect(await start("other.mts")).toEqual({ code: 0, stdout: "imported script\n", stderr: "" });
});
