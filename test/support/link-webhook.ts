import { bearerAuthenticator } from "../../src/client/auth/bearer.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { type Devbox, startDevbox } from "../../src/devbox/index.ts";
import type { ActionIdentifier } from "../../src/idl/identifiers.ts";
import type { Run } from "../../src/idl/runs.ts";
import { createWebhook } from "../../src/webhook/create-webhook.ts";
import type { WebhookOptions } from "../../src/webhook/options.ts";
import { type Condition, enqueueCondition, waitingScript } from "./conditions.ts";
import { connect, type DevboxClient, nameOf } from "./devbox-client.ts";
import { type Caller, createCaller } from "./http.ts";

const scope = { project: "flytesnacks", domain: "development" };

/** A devbox whose runs wait for people, and webhooks in front of it. */
export class LinkWebhooks implements AsyncDisposable {
  readonly devbox: Devbox;
  readonly #keys: Map<string, string>;
  readonly #ends: (() => Promise<unknown>)[] = [];

  private constructor(devbox: Devbox) {
    this.devbox = devbox;
    this.#keys = new Map(Object.entries(devbox.keys));
  }

  /** With the users vera, who reads, and links, whom links act as. */
  static async start(): Promise<LinkWebhooks> {
    const all = new LinkWebhooks(await startDevbox({ state: "memory", port: 0 }));
    await all.createUser("vera", "viewer");
    await all.createUser("links", "contributor");
    const alice = connect(all.devbox, "alice");
    for (const name of ["wait", "other"]) await alice.deployScript(name, waitingScript);
    return all;
  }

  async createUser(user: string, role: string): Promise<void> {
    const alice = createCaller(this.devbox.url, this.keyOf("alice"));
    const { body } = await alice.post("/devbox/v1/api-keys", { name: user, user, role });
    this.#keys.set(user, body.key);
  }

  keyOf(user: string): string {
    const key = this.#keys.get(user);
    if (key === undefined) throw new Error(`${user} has no key`);
    return key;
  }

  /** The control plane as a user calls it, until the end. */
  controlPlane(user: string): ReturnType<typeof createControlPlane> {
    const authenticator = bearerAuthenticator(this.keyOf(user));
    const made = createControlPlane({ endpoint: this.devbox.url, ...scope, authenticator });
    this.#ends.push(() => made.close());
    return made;
  }

  /** A webhook of the group `signal`, with links unless the options say otherwise. */
  async webhook(options: Partial<WebhookOptions> = {}, hasLinks = true): Promise<string> {
    const controlPlane = createControlPlane({ endpoint: this.devbox.url, ...scope });
    const webhook = createWebhook({
      name: "links",
      ...(options.endpoints === undefined && { endpointGroups: ["run", "signal"] }),
      controlPlane,
      ...(hasLinks && { signalLinks: this.linkOptions() }),
      ...options,
    });
    this.#ends.push(
      () => webhook.close(),
      () => controlPlane.close(),
    );
    return webhook.listen({ host: "127.0.0.1", port: 0 });
  }

  linkOptions(user = "links"): NonNullable<WebhookOptions["signalLinks"]> {
    return {
      controlPlane: this.controlPlane(user),
      key: "a key of the tests, long enough to be one",
      url: "https://hooks.example.com/base/",
    };
  }

  caller(url: string, user: string): Caller {
    return createCaller(url, this.keyOf(user));
  }

  /** A run of a user that waits for a condition. */
  async waiting(
    user = "bob",
    condition: Condition = {},
    task = "wait",
  ): Promise<{ readonly name: string; readonly action: ActionIdentifier; readonly run: Run }> {
    const client = this.client(user);
    const run = await client.start({ ...scope, name: task, version: "v1" });
    const action = await enqueueCondition(client, run, condition);
    return { name: nameOf(run), action, run };
  }

  client(user: string): DevboxClient {
    return connect(this.devbox, user);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const end of this.#ends) await end();
    await this.devbox.close();
  }
}
