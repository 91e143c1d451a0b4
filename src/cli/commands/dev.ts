import { bearerAuthenticator } from "../../client/auth/bearer.ts";
import { createControlPlane } from "../../client/create-control-plane.ts";
import type { Devbox } from "../../devbox/start-devbox.ts";
import { packageFile } from "../../shared/package-files.ts";
import type { CallbackCommandOptions } from "../callback-options.ts";
import { openCallbacks } from "../callbacks.ts";
import { deployFile } from "../deploy-file.ts";
import { openDevWebhook } from "../dev-webhook.ts";
import type { DevboxCommandOptions } from "../devbox-options.ts";
import { startLocalDevbox } from "../local-devbox.ts";
import type { WebhookCommandOptions } from "../options.ts";
import { fields, note, print } from "../output.ts";
import { appAddress, listenForStop, type Ready, writeReadyFile } from "../serving.ts";
import { openSignalLinks } from "../signal-links.ts";
import { createWebhookServer } from "../webhook-server.ts";

/** The examples are in each domain, so that what a user may do where can be tried out. */
const exampleDomains = ["development", "staging", "production"];

interface DevOptions extends DevboxCommandOptions, WebhookCommandOptions, CallbackCommandOptions {
  readonly port: number;
  readonly devboxPort: number;
  /** A file, `true` for the examples, `false` for none. */
  readonly tasks?: string | boolean;
  readonly project: string;
  readonly domain: string;
  readonly signalUrl?: string;
}

/** `flyte-webhook dev`: the devbox, tasks on it, and the webhook in front of it. */
export async function dev(options: DevOptions): Promise<void> {
  const stop = listenForStop();
  const { project, domain } = options;
  let webhookUrl: string | undefined;
  await using devbox = await startLocalDevbox(
    { ...options, port: options.devboxPort, webhookUrl: () => webhookUrl },
    "--devbox-port",
  );
  if (stop.requested) return;
  await using controlPlane = createControlPlane({ endpoint: devbox.url, project, domain });
  await using links = await openSignalLinks(controlPlane, options);
  await using callbacks = await openCallbacks(controlPlane, options);
  const acting = { ...links.options, ...callbacks.options };
  await using own = await openDevWebhook(options);
  await using webhook = createWebhookServer(controlPlane, own.options, acting);
  await deployTasks(devbox, options);
  await devbox.systemTasks;
  if (stop.requested) return;
  webhookUrl = await webhook.listen();
  const ready: Ready = {
    webhook: webhookUrl,
    controlPlane: devbox.url,
    console: `${devbox.url}/v2`,
    gateway: devbox.gatewayUrl,
    keys: devbox.keys,
  };
  if (options.readyFile !== undefined) await writeReadyFile(options.readyFile, ready);
  print(options.json === true ? JSON.stringify(ready) : welcome(ready, options));
  await stop.wait;
  if (options.json !== true) note("Stopping.");
}

async function deployTasks(
  devbox: Devbox,
  { tasks, project, domain, json }: DevOptions,
): Promise<void> {
  if (tasks === false) return;
  const own = typeof tasks === "string";
  const file = own ? tasks : packageFile("examples/tasks/index.ts");
  const [key] = Object.values(devbox.keys);
  await using controlPlane = createControlPlane({
    endpoint: devbox.url,
    project,
    domain,
    ...(key === undefined ? {} : { authenticator: bearerAuthenticator(key) }),
  });
  const domains = own ? [domain] : exampleDomains;
  const deployed = await deployFile(controlPlane, file, { domains });
  if (json === true) return;
  const count = deployed.length / domains.length;
  note(`Deployed ${count} tasks to ${project} (${domains.join(", ")}).`);
}

function welcome(ready: Ready, options: DevOptions): string {
  const [user, key] = Object.entries(ready.keys)[0] ?? [];
  const keys = Object.entries(ready.keys).map(([name, value]): [string, string] => [
    `key of ${name}`,
    value,
  ]);
  const addresses = fields([
    ["webhook", ready.webhook ?? undefined],
    ["docs", options.docs === "off" ? undefined : `${ready.webhook}/docs`],
    ["console", ready.console],
    ["control plane", ready.controlPlane],
    ["apps", ready.gateway === null ? undefined : appAddress(ready.gateway)],
    ...keys,
  ]);
  const example =
    user === undefined || options.tasks === false || typeof options.tasks === "string"
      ? ""
      : `\n\nRun a task as ${user}:\n\n  curl -X POST ${ready.webhook}/run-task/${options.domain}/${options.project}/stats.describe \\\n    -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' -d '{"values": [1, 2, 3]}'`;
  return `\n${addresses}${example}\n\nFor this machine's own use: not a production control plane. Ctrl-C stops it.`;
}
