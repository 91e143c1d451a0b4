import { afterAll, afterEach, beforeAll } from "vitest";
import { bearerAuthenticator } from "../../src/client/auth/bearer.ts";
import type { ControlPlane } from "../../src/client/control-plane.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { createWebhook } from "../../src/webhook/create-webhook.ts";
import { endpoints } from "../../src/webhook/endpoints.ts";
import type { WebhookOptions } from "../../src/webhook/options.ts";
import { ControlPlaneStub } from "./control-plane-stub.ts";

/** What has to be named to be served. */
const addedGroups = [...new Set(endpoints.filter(({ added }) => added).map(({ group }) => group))];

/** A webhook over real sockets, in front of a control plane that answers constants. */
export interface TestWebhook extends AsyncDisposable {
  readonly url: string;
  readonly stub: ControlPlaneStub;
}

/** Serves every endpoint there is, unless the options choose. */
export async function startTestWebhook(
  options: Partial<Omit<WebhookOptions, "controlPlane">> = {},
): Promise<TestWebhook> {
  const stub = await ControlPlaneStub.start();
  const controlPlane: ControlPlane = createControlPlane({
    endpoint: stub.url,
    project: "flytesnacks",
    domain: "development",
    retries: 0,
  });
  const everything =
    options.endpoints === undefined && options.endpointGroups === undefined
      ? { endpointGroups: ["all", ...addedGroups] as const }
      : {};
  const ofLinks = createControlPlane({
    endpoint: stub.url,
    authenticator: bearerAuthenticator("the-key-of-links"),
  });
  const signalLinks = {
    controlPlane: ofLinks,
    key: "a key that proves the links of tests",
    url: "https://hooks.example.com",
  };
  const webhook = createWebhook({
    // The stub serves whoever asks.
    ...{ name: "test-webhook", signalLinks, allowAnonymous: true },
    ...everything,
    ...options,
    controlPlane,
  });
  const url = await webhook.listen({ host: "127.0.0.1", port: 0 });
  return {
    url,
    stub,
    async [Symbol.asyncDispose]() {
      await webhook.close();
      await Promise.all([controlPlane.close(), ofLinks.close()]);
      await stub[Symbol.asyncDispose]();
    },
  };
}

/** The same webhook as we mean it and as the original is. */
export interface BothModes {
  readonly ours: TestWebhook;
  readonly upstream: TestWebhook;
  readonly all: readonly TestWebhook[];
}

/** Starts both before the tests of a file, resets what they saw after each, and ends them at last. */
export function useBothModes(): BothModes {
  let started: readonly [ours: TestWebhook, upstream: TestWebhook] | undefined;
  const pair = () => {
    if (started === undefined) throw new Error("The webhooks are there within tests only.");
    return started;
  };
  beforeAll(async () => {
    started = await Promise.all([startTestWebhook(), startTestWebhook({ compat: "upstream" })]);
  });
  afterEach(() => {
    for (const { stub } of pair()) stub.reset();
  });
  afterAll(async () => {
    await Promise.all((started ?? []).map((webhook) => webhook[Symbol.asyncDispose]()));
  });
  return {
    get ours() {
      return pair()[0];
    },
    get upstream() {
      return pair()[1];
    },
    get all() {
      return pair();
    },
  };
}
