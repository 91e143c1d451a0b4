import { createHmac } from "node:crypto";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { type Devbox, type DevboxOptions, startDevbox } from "../../src/devbox/index.ts";
import { createWebhook } from "../../src/webhook/create-webhook.ts";
import type { Hook, HookDecision } from "../../src/webhook/hooks/hook.ts";
import type { HookEvent } from "../../src/webhook/hooks/provider.ts";
import { github } from "../../src/webhook/hooks/providers/github.ts";
import type { WebhookOptions } from "../../src/webhook/options.ts";
import { ControlPlaneFront } from "./control-plane-front.ts";
import { connect, type DevboxClient } from "./devbox-client.ts";
import { type Answer, createCaller } from "./http.ts";
import { createLog } from "./log.ts";

const keysPath = "/devbox/v1/api-keys";
const scope = { project: "flytesnacks", domain: "development" };

/** What GitHub signs with in the tests. */
export const githubSecret = "planted-github-secret";

export type WebhookApp = ReturnType<typeof createWebhook>;

/** A webhook with hooks, as a provider sees it. */
export interface ServedHooks {
  readonly url: string;
  readonly app: WebhookApp;
  readonly lines: readonly string[];
  close(): Promise<void>;
}

export interface Delivery {
  readonly id?: string;
  readonly type?: string;
  readonly payload?: unknown;
  readonly secret?: string;
  readonly hook?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A devbox with a user `robot` whom hooks act as, tasks for them, and webhooks in front of it. */
export class HookWebhooks implements AsyncDisposable {
  readonly devbox: Devbox;
  readonly front: ControlPlaneFront;
  readonly robot: string;
  readonly #ends: (() => Promise<unknown>)[] = [];

  private constructor(devbox: Devbox, front: ControlPlaneFront, robot: string) {
    this.devbox = devbox;
    this.front = front;
    this.robot = robot;
  }

  static async start(options: Pick<DevboxOptions, "webhookUrl"> = {}): Promise<HookWebhooks> {
    const devbox = await startDevbox({ state: "memory", port: 0, ...options });
    const robot = await createUser(devbox, "robot", "contributor");
    const front = await ControlPlaneFront.to(devbox.url);
    const all = new HookWebhooks(devbox, front, robot);
    const alice = connect(devbox, "alice");
    for (const name of ["ci.build", "ci.other"]) await deployBuild(alice, name);
    return all;
  }

  createUser(user: string, role: string): Promise<string> {
    return createUser(this.devbox, user, role);
  }

  /** Takes all keys of a user away. */
  async revokeKeys(user: string): Promise<void> {
    const authorization = `Bearer ${this.devbox.keys["alice"]}`;
    const { body } = await createCaller(this.devbox.url, this.devbox.keys["alice"]).get(keysPath);
    const { keys } = body as {
      readonly keys: readonly { readonly id: string; readonly user: string }[];
    };
    for (const { id } of keys.filter((key) => key.user === user)) {
      const url = `${this.devbox.url}${keysPath}/${id}`;
      await fetch(url, { method: "DELETE", headers: { authorization } });
    }
  }

  /** The control plane as a user with a key sees it, until the end. */
  controlPlane(token?: string): ReturnType<typeof createControlPlane> {
    const made = createControlPlane({
      endpoint: this.front.url,
      ...scope,
      retries: 0,
      ...(token !== undefined && {
        authenticator: { headers: () => [["authorization", `Bearer ${token}`]] },
      }),
    });
    this.#ends.push(() => made.close());
    return made;
  }

  /** A hook named `github` that builds what was pushed, unless the options say otherwise. */
  hook(options: Partial<Parameters<typeof github>[0]> = {}): Hook {
    return github({
      secret: githubSecret,
      runAs: { token: this.robot },
      start: buildPushed,
      ...options,
    });
  }

  async webhook(options: Partial<WebhookOptions> = {}): Promise<ServedHooks> {
    const controlPlane = this.controlPlane();
    const { logger, lines } = createLog();
    const app = createWebhook({
      name: "hooks",
      endpointGroups: ["core", "run"],
      controlPlane,
      logger,
      hooks: [this.hook()],
      ...options,
    });
    const url = await app.listen({ host: "127.0.0.1", port: 0 });
    const close = () => app.close();
    this.#ends.push(close);
    return { url, app, lines, close };
  }

  client(user = "alice"): DevboxClient {
    return connect(this.devbox, user);
  }

  /** The runs that there are more of after it, so that a test sees its own alone. */
  async runsSince<Result>(act: () => Promise<Result>) {
    const before = new Set((await this.runs()).map(({ name }) => name));
    const result = await act();
    const runs = (await this.runs()).filter(({ name }) => !before.has(name));
    return { result, runs };
  }

  /** Names and labels of all runs, the newest first. */
  async runs(): Promise<readonly { readonly name: string; readonly owner: string | undefined }[]> {
    const alice = this.controlPlane(this.devbox.keys["alice"]);
    return alice.runs.list(scope, { limit: 1000 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const end of this.#ends) await end();
    await this.front[Symbol.asyncDispose]();
    await this.devbox.close();
  }
}

/** The same for the tests of a file, with one webhook; each test begins with calls that go through. */
export function useHookWebhooks(options: Partial<WebhookOptions> = {}): {
  readonly all: HookWebhooks;
  readonly webhook: ServedHooks;
} {
  let all: HookWebhooks;
  let webhook: ServedHooks;
  beforeAll(async () => {
    all = await HookWebhooks.start();
    webhook = await all.webhook(options);
  });
  afterAll(() => all?.[Symbol.asyncDispose]());
  beforeEach(() => {
    all.front.calls.length = 0;
    all.front.decide(() => "through");
  });
  return {
    get all() {
      return all;
    },
    get webhook() {
      return webhook;
    },
  };
}

/** The mapping of the tests: `{ sha }` is built. */
export function buildPushed({ payload }: HookEvent): HookDecision {
  const { sha } = payload as { readonly sha?: string };
  return sha === undefined ? undefined : { task: "ci.build", inputs: { commit: sha } };
}

let count = 0;

/** A delivery as GitHub sends it, under a new id unless one is given. */
export function githubDelivery({
  id,
  type = "push",
  payload = { sha: "abc" },
  secret = githubSecret,
  headers = {},
}: Delivery = {}): { readonly body: Buffer; readonly headers: Record<string, string> } {
  count += 1;
  const body = Buffer.isBuffer(payload) ? payload : Buffer.from(JSON.stringify(payload));
  const mac = createHmac("sha256", secret).update(body).digest("hex");
  return {
    body,
    headers: {
      "content-type": "application/json",
      "x-github-event": type,
      "x-github-delivery": id ?? `delivery-${process.pid}-${count}`,
      "x-hub-signature-256": `sha256=${mac}`,
      ...headers,
    },
  };
}

/** Sends a delivery of GitHub's to a hook, and reads the answer. */
export async function deliver(
  { url }: { readonly url: string },
  delivery: Delivery = {},
): Promise<Answer> {
  const { body, headers } = githubDelivery(delivery);
  const path = `/hooks/${delivery.hook ?? "github"}`;
  const response = await fetch(`${url}${path}`, {
    method: "POST",
    headers,
    body: new Uint8Array(body),
    redirect: "manual",
  });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json") === true;
  return {
    status: response.status,
    headers: response.headers,
    body: isJson ? JSON.parse(text) : text,
  };
}

async function createUser(devbox: Devbox, user: string, role: string): Promise<string> {
  const alice = createCaller(devbox.url, devbox.keys["alice"]);
  const { body } = await alice.post(keysPath, { name: user, user, role });
  return body.key;
}

/** A task with one input `commit`, a text. */
async function deployBuild(client: DevboxClient, name: string): Promise<void> {
  const text = { type: { type: { case: "simple" as const, value: 3 } }, description: "" };
  await client.tasks.deployTask({
    taskId: { ...scope, name, version: "v1" },
    spec: {
      environment: { name: "ci" },
      taskTemplate: {
        type: "shell",
        interface: { inputs: { variables: [{ key: "commit", value: text }] } },
        target: { case: "container", value: { args: ["true"] } },
      },
    },
  });
}
