import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bearerAuthenticator } from "../../../src/client/auth/bearer.ts";
import type { ControlPlane, RunStatus } from "../../../src/client/control-plane.ts";
import { createControlPlane } from "../../../src/client/create-control-plane.ts";
import { SimpleType } from "../../../src/idl/literals.ts";
import { createWebhook } from "../../../src/webhook/create-webhook.ts";
import { github } from "../../../src/webhook/hooks/providers/github.ts";
import { connect } from "../devbox-client.ts";
import { exposedValue, parseExposition } from "../exposition.ts";
import { githubSecret } from "../hook-webhook.ts";
import { createCaller } from "../http.ts";
import { createLog } from "../log.ts";
import { ChaosProxy } from "./chaos-proxy.ts";

const scope = { project: "flytesnacks", domain: "development" };

/** A control plane to be put behind chaos. */
export interface Backend {
  readonly url: string;
  readonly keys: Readonly<Record<string, string>>;
}

export interface ChaosWebhook {
  readonly url: string;
  /** Its audit log, to be read when it is closed. */
  readonly auditFile: string;
  close(): Promise<void>;
}

/** Gauges that are 0 in a webhook that has nothing to do. */
const gauges = [
  "flyte_webhook_queue_length",
  "flyte_webhook_waiting_requests",
  "flyte_webhook_run_watches",
  "flyte_webhook_live_streams",
] as const;

/** Webhooks in front of one control plane, with a network between them that fails. */
export class ChaosWorld implements AsyncDisposable {
  readonly proxy: ChaosProxy;
  readonly webhooks: ChaosWebhook[] = [];
  /** The log of all webhooks. */
  readonly lines: string[];
  /** The control plane as alice sees it, past the chaos. */
  readonly truth: ControlPlane;
  /** What callers send, by name; `robot` is whom hooks act as. */
  readonly keys: Readonly<Record<string, string>>;
  readonly #folder: string;
  readonly #logger = createLog();

  private constructor(proxy: ChaosProxy, backend: Backend, folder: string) {
    this.proxy = proxy;
    this.lines = this.#logger.lines;
    this.keys = backend.keys;
    this.#folder = folder;
    const authenticator = bearerAuthenticator(backend.keys["alice"] ?? "");
    this.truth = createControlPlane({ endpoint: backend.url, ...scope, authenticator });
  }

  static async before(backend: Backend, webhooks: number): Promise<ChaosWorld> {
    const folder = await mkdtemp(join(tmpdir(), "flyte-webhook-chaos-"));
    const alice = createCaller(backend.url, backend.keys["alice"]);
    const robot = { name: "robot", user: "robot", role: "contributor" };
    const { body } = await alice.post("/devbox/v1/api-keys", robot);
    const keys = { ...backend.keys, robot: String(body.key) };
    await deployEcho(backend);
    const proxy = await ChaosProxy.to(backend.url);
    const world = new ChaosWorld(proxy, { ...backend, keys }, folder);
    for (let count = 0; count < webhooks; count += 1) await world.#addWebhook();
    return world;
  }

  async #addWebhook(): Promise<void> {
    const auditFile = join(this.#folder, `audit-${this.webhooks.length}.log`);
    const controlPlane = createControlPlane({
      ...{ endpoint: this.proxy.url, ...scope, timeoutMs: 1_500, retries: 1, maxConnections: 16 },
    });
    const app = createWebhook({
      // One name: they share their callers' keys.
      name: "chaos",
      controlPlane,
      endpointGroups: ["all", "wait", "live", "batch", "list", "ops"],
      logger: this.#logger.logger,
      audit: { file: auditFile },
      hooks: [
        github({
          secret: githubSecret,
          runAs: { token: this.keys["robot"] ?? "" },
          start: ({ payload }) => {
            const { n } = payload as { readonly n: number };
            return { task: "chaos.echo", inputs: { who: "robot", n } };
          },
        }),
      ],
    });
    const url = await app.listen({ host: "127.0.0.1", port: 0 });
    let isOpen = true;
    const close = async (): Promise<void> => {
      if (!isOpen) return;
      isOpen = false;
      await app.close();
      await controlPlane.close();
    };
    this.webhooks.push({ url, auditFile, close });
  }

  /** Every run there is. */
  runs(): Promise<readonly RunStatus[]> {
    return this.truth.runs.list({}, { limit: 5_000 });
  }

  /** What a webhook says is still under way there; only the names of what is. */
  async leftovers(webhook: ChaosWebhook): Promise<readonly string[]> {
    const { body } = await createCaller(webhook.url).get("/metrics");
    const families = parseExposition(body);
    return gauges.filter((name) => exposedValue(families, name) !== 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.proxy.calm();
    for (const webhook of this.webhooks) await webhook.close();
    await this.truth.close();
    await this.proxy[Symbol.asyncDispose]();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** A task whose outputs are its inputs: `who` and `n`. */
async function deployEcho(backend: Backend): Promise<void> {
  const simple = (type: SimpleType) => ({
    type: { type: { case: "simple" as const, value: type } },
  });
  const variables = [
    { key: "who", value: simple(SimpleType.STRING) },
    { key: "n", value: simple(SimpleType.INTEGER) },
  ];
  const script = `cp "\${1#file://}" "\${2#file://}/outputs.pb"`;
  await connect(backend, "alice").tasks.deployTask({
    taskId: { ...scope, name: "chaos.echo", version: "v1" },
    spec: {
      environment: { name: "chaos" },
      taskTemplate: {
        type: "shell",
        interface: { inputs: { variables }, outputs: { variables } },
        target: {
          case: "container",
          value: { args: ["sh", "-c", script, "sh", "{{.input}}", "{{.outputPrefix}}"] },
        },
      },
    },
  });
}
