import type { DevboxCommandOptions } from "../devbox-options.ts";
import { startLocalDevbox } from "../local-devbox.ts";
import { fields, note, print } from "../output.ts";
import { appAddress, listenForStop, type Ready, writeReadyFile } from "../serving.ts";

/** `flyte-webhook devbox`: the embedded control plane alone. */
export async function devbox({
  webhook,
  ...options
}: DevboxCommandOptions & {
  readonly port: number;
  readonly webhook?: string;
}): Promise<void> {
  const stop = listenForStop();
  await using running = await startLocalDevbox(
    { ...options, ...(webhook !== undefined && { webhookUrl: webhook }) },
    "--port",
  );
  if (stop.requested) return;
  const ready: Ready = {
    webhook: webhook ?? null,
    controlPlane: running.url,
    console: `${running.url}/v2`,
    gateway: running.gatewayUrl,
    keys: running.keys,
  };
  if (options.readyFile !== undefined) await writeReadyFile(options.readyFile, ready);
  if (options.json === true) print(JSON.stringify(ready));
  else {
    const keys = Object.entries(running.keys).map(([name, key]): [string, string] => [
      `key of ${name}`,
      key,
    ]);
    const addresses = fields([
      ["console", ready.console],
      ["control plane", running.url],
      ["apps", appAddress(running.gatewayUrl)],
      ...keys,
    ]);
    print(`\n${addresses}\n\nCtrl-C stops it.`);
  }
  await stop.wait;
  if (options.json !== true) note("Stopping.");
}
