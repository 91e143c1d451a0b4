import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll } from "vitest";
import { bearerAuthenticator } from "../../src/client/auth/bearer.ts";
import type { ControlPlane } from "../../src/client/control-plane.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { createWebhook } from "../../src/webhook/create-webhook.ts";
import type { WebhookOptions } from "../../src/webhook/options.ts";
import { ServerProcess } from "./dev-process.ts";
import { type Caller, createCaller } from "./http.ts";

/** A webhook that a test has put in front of the devbox for itself. */
export interface FurtherWebhook extends AsyncDisposable {
  readonly url: string;
  readonly app: FastifyInstance;
}

/** `flyte-webhook dev` with its example tasks, and who asks it. */
export interface StoryDevbox {
  readonly dev: ServerProcess;
  readonly url: string;
  /** What alice may do, without a webhook. */
  readonly flyte: ControlPlane;
  key(user: "alice" | "bob"): string;
  /** Asks the webhook of `dev`, or another one; without a user as nobody. */
  caller(user?: "alice" | "bob", url?: string): Caller;
  /** A key of a user who is made for it, with one role everywhere. */
  createUser(user: string, role: string): Promise<string>;
  /** Another webhook in front of the same devbox. */
  webhook(options?: Partial<Omit<WebhookOptions, "controlPlane">>): Promise<FurtherWebhook>;
}

const scope = { project: "flytesnacks", domain: "development" };

/** Starts one for the tests of a file, with every endpoint that needs no configuration of its own. */
export function useStoryDevbox(flags: readonly string[] = []): StoryDevbox {
  let started: ServerProcess | undefined;
  let flyte: ControlPlane | undefined;

  beforeAll(async () => {
    const ports = ["--port", "0", "--devbox-port", "0", "--gateway-port", "0"];
    const groups = ["all", "fire", "wait", "live", "ops", "batch", "rerun", "list"];
    started = await ServerProcess.start([
      ...["dev", "--state", "memory", ...ports],
      ...["--endpoint-group", ...groups, ...flags],
    ]);
    flyte = createControlPlane({
      endpoint: started.ready.controlPlane,
      ...scope,
      authenticator: bearerAuthenticator(key("alice")),
    });
  });

  afterAll(async () => {
    await flyte?.close();
    await started?.[Symbol.asyncDispose]();
  });

  const dev = (): ServerProcess => {
    if (started === undefined) throw new Error("The devbox is there within tests only.");
    return started;
  };
  const key = (user: string): string => dev().ready.keys[user] ?? "";

  return {
    get dev() {
      return dev();
    },
    get url() {
      return dev().ready.webhook;
    },
    get flyte() {
      if (flyte === undefined) throw new Error("The devbox is there within tests only.");
      return flyte;
    },
    key,
    caller: (user, url = dev().ready.webhook) =>
      createCaller(url, user === undefined ? undefined : key(user)),
    async createUser(user, role) {
      const admin = createCaller(dev().ready.controlPlane, key("alice"));
      const { body } = await admin.post("/devbox/v1/api-keys", { name: user, user, role });
      return body.key;
    },
    async webhook(options = {}) {
      const endpoint = dev().ready.controlPlane;
      const controlPlane = createControlPlane({ endpoint, ...scope, retries: 0 });
      const app = createWebhook({ name: "story", ...options, controlPlane });
      return {
        app,
        url: await app.listen({ host: "127.0.0.1", port: 0 }),
        async [Symbol.asyncDispose]() {
          await app.close();
          await controlPlane.close();
        },
      };
    },
  };
}
