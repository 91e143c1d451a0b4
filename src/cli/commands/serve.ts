import { passthroughControlPlane } from "../connection.ts";
import type { ConnectionOptions, WebhookCommandOptions } from "../options.ts";
import { fields, note, print } from "../output.ts";
import { type Ready, untilStopped, writeReadyFile } from "../serving.ts";
import { startWebhook } from "../webhook-server.ts";

interface ServeOptions extends ConnectionOptions, WebhookCommandOptions {
  readonly host: string;
  readonly port: number;
  readonly readyFile?: string;
}

/** `flyte-webhook serve`: the webhook in front of a control plane that runs elsewhere. */
export async function serve(options: ServeOptions): Promise<void> {
  const stopped = untilStopped();
  await using controlPlane = await passthroughControlPlane(options);
  const webhook = await startWebhook(controlPlane, options);
  try {
    const ready: Ready = {
      webhook: webhook.url,
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
          ["webhook", webhook.url],
          ["docs", options.docs === "off" ? undefined : `${webhook.url}/docs`],
          ["control plane", controlPlane.endpoint],
          ["runs go to", `${controlPlane.project}/${controlPlane.domain}`],
        ]),
      );
    }
    await stopped;
    if (options.json !== true) note("Stopping.");
  } finally {
    await webhook.close();
  }
}
