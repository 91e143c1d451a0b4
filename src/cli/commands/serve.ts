import { checkPassthrough } from "../../client/check-passthrough.ts";
import type { CallbackCommandOptions } from "../callback-options.ts";
import { openCallbacks } from "../callbacks.ts";
import { passthroughControlPlane } from "../connection.ts";
import type { ConnectionOptions, WebhookCommandOptions } from "../options.ts";
import { fields, note, print } from "../output.ts";
import { listenForStop, type Ready, writeReadyFile } from "../serving.ts";
import { openSignalLinks } from "../signal-links.ts";
import { createWebhookServer } from "../webhook-server.ts";

interface ServeOptions extends ConnectionOptions, WebhookCommandOptions, CallbackCommandOptions {
  readonly host: string;
  readonly port: number;
  readonly allowAnonymous?: boolean;
  readonly readyFile?: string;
  readonly signalUrl?: string;
}

/** `flyte-webhook serve`: the webhook in front of a control plane that runs elsewhere. */
export async function serve(options: ServeOptions): Promise<void> {
  const stop = listenForStop();
  await using controlPlane = await passthroughControlPlane(options);
  await using links = await openSignalLinks(controlPlane, options);
  await using callbacks = await openCallbacks(controlPlane, options);
  const acting = { ...links.options, ...callbacks.options };
  await using webhook = createWebhookServer(controlPlane, options, acting);
  await checkPassthrough(controlPlane, options);
  if (stop.requested) return;
  const url = await webhook.listen();
  const ready: Ready = {
    webhook: url,
    controlPlane: controlPlane.endpoint,
    console: `${controlPlane.endpoint}/v2`,
    gateway: null,
    keys: {},
  };
  if (options.readyFile !== undefined) await writeReadyFile(options.readyFile, ready);
  if (options.json === true) print(JSON.stringify(ready));
  else {
    print(
      fields([
        ["webhook", url],
        ["docs", options.docs === "off" ? undefined : `${url}/docs`],
        ["control plane", controlPlane.endpoint],
        ["runs go to", `${controlPlane.project}/${controlPlane.domain}`],
      ]),
    );
  }
  await stop.wait;
  if (options.json !== true) note("Stopping.");
}
