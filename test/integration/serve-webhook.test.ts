import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { serve } from "../../src/app/serve/serve.ts";
import { init } from "../../src/client/init.ts";
import { closeControlPlane } from "../../src/client/init-current.ts";
import {
  FlyteWebhookAppEnvironment,
  type FlyteWebhookAppEnvironmentOptions,
} from "../../src/webhook/flyte-webhook-app-environment.ts";
import { ControlPlaneStub } from "../support/control-plane-stub.ts";
import { createCaller } from "../support/http.ts";
import { rejection, served } from "../support/served.ts";

/** A control plane that refuses calls without a credential, as the check at the start wants it. */
async function startStub(): Promise<ControlPlaneStub> {
  const stub = await ControlPlaneStub.start();
  onTestFinished(() => stub[Symbol.asyncDispose]());
  stub.failures.set("listTasks", new ConnectError("who are you?", Code.Unauthenticated));
  return stub;
}

const scope = {
  FLYTE_INTERNAL_EXECUTION_PROJECT: "flytesnacks",
  FLYTE_INTERNAL_EXECUTION_DOMAIN: "development",
};

function webhook(
  name: string,
  { url }: Pick<ControlPlaneStub, "url">,
  options: Partial<FlyteWebhookAppEnvironmentOptions> = {},
): FlyteWebhookAppEnvironment {
  const envVars = { _U_EP_OVERRIDE: url, ...scope };
  return new FlyteWebhookAppEnvironment({ name, envVars, ...options });
}

describe("a webhook in this process", () => {
  test("finds its control plane in its environment and forwards each caller's credential", async () => {
    const stub = await startStub();
    const app = await served(webhook("hook", stub));
    expect(await createCaller(app.endpoint).get("/health")).toMatchObject({ status: 200 });
    expect(await createCaller(app.endpoint).get("/me")).toMatchObject({ status: 401 });
    const { body } = await createCaller(app.endpoint, "ann").get("/me");
    expect(body).toEqual({ subject: "Bearer ann", name: "Ada" });
  });

  test("has a connection of its own beside another one's", async () => {
    const [first, second] = [await startStub(), await startStub()];
    const one = await served(webhook("one", first));
    const two = await served(webhook("two", second));
    await createCaller(one.endpoint, "ann").get("/me");
    expect(second.calls.map(({ method }) => method)).not.toContain("userInfo");
    await two.deactivate();
    expect(await createCaller(one.endpoint, "ann").get("/me")).toMatchObject({ status: 200 });
  });

  test("is stopped and started again", async () => {
    const app = await served(webhook("hook", await startStub()));
    await app.deactivate();
    await app.activate();
    expect(await createCaller(app.endpoint, "ann").get("/me")).toMatchObject({ status: 200 });
  });

  test("closes its connections when it stops", async () => {
    const server = createServer((_request, response) => {
      response.writeHead(401, { "content-type": "application/json" });
      response.end('{"code":"unauthenticated"}');
    }).listen(0, "127.0.0.1");
    server.keepAliveTimeout = 0; // It is the client that has to close.
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const count = async () => promisify(server.getConnections.bind(server))();
    const { port } = server.address() as AddressInfo; // It listens on TCP.
    const app = await served(webhook("hook", { url: `http://127.0.0.1:${port}` }));
    await createCaller(app.endpoint, "ann").get("/me");
    expect(await count()).toBeGreaterThan(0);
    await app.deactivate();
    await expect.poll(count).toBe(0);
  });

  test("serves what this process is connected to, without this process's credential", async () => {
    const stub = await startStub();
    const surroundings = { env: {}, cwd: "/", home: "/nonexistent" };
    const where = { project: "flytesnacks", domain: "development", configFile: false } as const;
    await init({ endpoint: stub.url, apiKey: "own", ...where, surroundings });
    onTestFinished(closeControlPlane);
    const app = await served(new FlyteWebhookAppEnvironment({ name: "hook" }));
    const { body } = await createCaller(app.endpoint, "ann").get("/me");
    expect(body).toMatchObject({ subject: "Bearer ann" });
  });
});

describe("a webhook is not started", () => {
  test("without a project for its runs", async () => {
    vi.stubEnv("HOME", "/nonexistent");
    onTestFinished(() => void vi.unstubAllEnvs());
    const stub = await startStub();
    stub.failures.set("listProjects", new ConnectError("who are you?", Code.Unauthenticated));
    const env = webhook("hook", stub, { envVars: { _U_EP_OVERRIDE: stub.url } });
    expect(await rejection(serve(env, { port: 0 }))).toMatchObject({
      code: "invalid_config",
      message: expect.stringMatching(/"hook" needs a project.*FLYTE_INTERNAL_EXECUTION_PROJECT/),
    });
  });

  test("in front of a control plane that does not answer", async () => {
    const env = webhook("hook", { url: "http://127.0.0.1:1" });
    expect(await rejection(serve(env, { port: 0 }))).toMatchObject({ code: "unavailable" });
  });

  test("in front of one that lets everybody in, unless that is accepted", async () => {
    const stub = await ControlPlaneStub.start();
    onTestFinished(() => stub[Symbol.asyncDispose]());
    expect(await rejection(serve(webhook("hook", stub), { port: 0 }))).toMatchObject({
      code: "invalid_config",
      message: expect.stringContaining("allowAnonymous: true"),
    });
    await served(webhook("hook", stub, { allowAnonymous: true }));
  });
});
