import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { type Devbox, startDevbox } from "../../src/devbox/index.ts";
import { createWebhook } from "../../src/webhook/create-webhook.ts";
import type { WebhookOptions } from "../../src/webhook/options.ts";
import { connect, type DevboxClient, nameOf, type ScriptOptions } from "./devbox-client.ts";
import { createCaller } from "./http.ts";
import { LiveReader, type LiveRequest } from "./live-reader.ts";

/** A run whose script waits for gates, which the test opens. */
export interface GatedRun {
  readonly name: string;
  open(gate: string): Promise<void>;
  /** Resolves when the run has ended. */
  ended(): Promise<unknown>;
}

export interface LiveWebhook {
  readonly url: string;
  readonly app: FastifyInstance;
  /** Opens a stream as alice unless told otherwise; gone with the webhooks. */
  read(path: string, request?: Partial<LiveRequest>): Promise<LiveReader>;
}

/** A devbox, and webhooks of the group `live` in front of it. */
export class LiveWebhooks implements AsyncDisposable {
  readonly devbox: Devbox;
  readonly alice: DevboxClient;
  readonly #folder: string;
  readonly #ends: (() => Promise<unknown>)[] = [];
  #count = 0;

  private constructor(devbox: Devbox, folder: string) {
    this.devbox = devbox;
    this.#folder = folder;
    this.alice = connect(devbox, "alice");
  }

  static async start(): Promise<LiveWebhooks> {
    const folder = await mkdtemp(join(tmpdir(), "flyte-webhook-live-"));
    return new LiveWebhooks(await startDevbox({ state: "memory", port: 0 }), folder);
  }

  get key(): string {
    return this.devbox.keys["alice"] ?? "";
  }

  /** At a free port unless told otherwise. */
  async webhook(
    options: Partial<Omit<WebhookOptions, "controlPlane">> = {},
    port = 0,
  ): Promise<LiveWebhook> {
    const controlPlane = createControlPlane({
      endpoint: this.devbox.url,
      project: "flytesnacks",
      domain: "development",
    });
    const app = createWebhook({
      name: "live",
      endpointGroups: ["live", "run"],
      ...options,
      controlPlane,
    });
    const url = await app.listen({ host: "127.0.0.1", port });
    this.#ends.push(
      () => app.close(),
      () => controlPlane.close(),
    );
    return {
      url,
      app,
      read: async (path, request) => {
        const reader = await LiveReader.open(`${url}${path}`, { key: this.key, ...request });
        this.#ends.unshift(() => reader[Symbol.asyncDispose]());
        return reader;
      },
    };
  }

  /** Starts a script as a task of its own. In it, `gate NAME` waits until the test opens that gate. */
  async run(script: string, options: ScriptOptions = {}): Promise<GatedRun> {
    this.#count += 1;
    const name = `live-${this.#count}`;
    const path = (gate: string): string => join(this.#folder, `${name}-${gate}`);
    const wait = `gate() { until [ -e "${path("")}$1" ]; do sleep 0.02; done; };`;
    const task = await this.alice.deployScript(name, `${wait} ${script}`, options);
    const run = await this.alice.start(task);
    return {
      name: nameOf(run),
      open: (gate) => writeFile(path(gate), ""),
      ended: () => this.alice.reach(run),
    };
  }

  /** A viewer with a key of their own, and what takes it away. */
  async viewer(
    user: string,
  ): Promise<{ readonly key: string; readonly revoke: () => Promise<void> }> {
    const admin = createCaller(this.devbox.url, this.key);
    const { body } = await admin.post("/devbox/v1/api-keys", { name: "t", user, role: "viewer" });
    const headers = { authorization: `Bearer ${this.key}` };
    return {
      key: String(body.key),
      revoke: async () => {
        const url = `${this.devbox.url}/devbox/v1/api-keys/${body.id}`;
        await fetch(url, { method: "DELETE", headers });
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const end of this.#ends) await end();
    await this.devbox.close();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 10 });
  }
}
