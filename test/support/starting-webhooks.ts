import { bearerAuthenticator } from "../../src/client/auth/bearer.ts";
import type { ControlPlane, RunStatus } from "../../src/client/control-plane.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { type Devbox, startDevbox } from "../../src/devbox/index.ts";
import { SimpleType } from "../../src/idl/literals.ts";
import { createWebhook } from "../../src/webhook/create-webhook.ts";
import type { WebhookOptions } from "../../src/webhook/options.ts";
import { ControlPlaneFront } from "./control-plane-front.ts";
import { connect } from "./devbox-client.ts";
import { createCaller } from "./http.ts";

const scope = { project: "flytesnacks", domain: "development" };

export interface SentStart {
  /** @default "alice" */
  readonly user?: string;
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** @default a task with one input `x` */
  readonly path?: string;
  readonly signal?: AbortSignal;
  readonly body?: unknown;
}

export interface StartAnswer {
  readonly status: number;
  /** Whether it says that an earlier request has started the run. */
  readonly replayed: boolean;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests assert on what they find in an answer
  readonly body: any;
}

/** A webhook, and how callers send starts to it. */
export interface StartingWebhook {
  readonly url: string;
  send(sent?: SentStart): Promise<StartAnswer>;
  close(): Promise<void>;
}

export const taskPath = "/run-task/development/flytesnacks/once.count";

/** A devbox with tasks that take a number, a front that can break calls to it, and webhooks in front of both. */
export class StartingWebhooks implements AsyncDisposable {
  readonly devbox: Devbox;
  readonly front: ControlPlaneFront;
  readonly #keys: Map<string, string>;
  readonly #admin: ControlPlane;
  readonly #open = new Set<StartingWebhook>();

  private constructor(devbox: Devbox, front: ControlPlaneFront) {
    this.devbox = devbox;
    this.front = front;
    this.#keys = new Map(Object.entries(devbox.keys));
    const authenticator = bearerAuthenticator(devbox.keys["alice"] ?? "");
    this.#admin = createControlPlane({ endpoint: devbox.url, ...scope, authenticator });
  }

  static async start(): Promise<StartingWebhooks> {
    const devbox = await startDevbox({ state: "memory", port: 0 });
    const all = new StartingWebhooks(devbox, await ControlPlaneFront.to(devbox.url));
    await all.deploy("once.count", { x: SimpleType.INTEGER });
    return all;
  }

  /** Deploys a task that does nothing, in the project of the webhooks or another one. */
  async deploy(
    name: string,
    inputs: Readonly<Record<string, SimpleType>>,
    place: { readonly project: string; readonly domain: string } = scope,
    version = "v1",
  ): Promise<void> {
    const variables = Object.entries(inputs).map(([key, simple]) => ({
      key,
      value: { type: { type: { case: "simple" as const, value: simple } } },
    }));
    await connect(this.devbox, "alice").tasks.deployTask({
      taskId: { ...place, name, version },
      spec: {
        taskTemplate: {
          type: "shell",
          target: { case: "container", value: { args: ["true"] } },
          interface: { inputs: { variables } },
        },
      },
    });
  }

  /** Gives a user one more key, called `as`. */
  async createKey(user: string, as: string): Promise<void> {
    const alice = createCaller(this.devbox.url, this.#keys.get("alice"));
    const { body } = await alice.post("/devbox/v1/api-keys", { name: as, user });
    this.#keys.set(as, body.key);
  }

  /** Every run in the project of the webhooks. */
  runs(): Promise<readonly RunStatus[]> {
    return this.#admin.runs.list();
  }

  get controlPlane(): ControlPlane {
    return this.#admin;
  }

  /** Starts a webhook that has seen nothing so far. */
  async webhook(
    options: Partial<WebhookOptions> = {},
    settings: { readonly timeoutMs?: number } = {},
  ): Promise<StartingWebhook> {
    const controlPlane = createControlPlane({
      ...{ endpoint: this.front.url, ...scope, retries: 0 },
      ...settings,
    });
    const webhook = createWebhook({
      name: "starting",
      endpointGroups: ["all", "fire"],
      ...options,
      controlPlane,
    });
    const url = await webhook.listen({ host: "127.0.0.1", port: 0 });
    const started: StartingWebhook = {
      url,
      send: async ({
        user = "alice",
        key,
        headers,
        path = taskPath,
        signal,
        body = { x: 1 },
      } = {}) => {
        const answer = await fetch(`${url}${path}`, {
          method: "POST",
          ...(signal !== undefined && { signal }),
          headers: {
            authorization: `Bearer ${this.#keys.get(user)}`,
            "content-type": "application/json",
            ...(key !== undefined && { "idempotency-key": key }),
            ...headers,
          },
          body: JSON.stringify(body),
        });
        return {
          status: answer.status,
          replayed: answer.headers.get("idempotency-replayed") === "true",
          headers: answer.headers,
          body: await answer.json(),
        };
      },
      close: async () => {
        if (!this.#open.delete(started)) return;
        await webhook.close();
        await controlPlane.close();
      },
    };
    this.#open.add(started);
    return started;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.front.decide(() => "through");
    for (const webhook of [...this.#open]) await webhook.close();
    await this.#admin.close();
    await this.front[Symbol.asyncDispose]();
    await this.devbox.close();
  }
}
