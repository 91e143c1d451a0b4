import type { ControlPlane } from "../client/control-plane.ts";
import { createWebhook } from "../webhook/create-webhook.ts";
import type { WebhookOptions } from "../webhook/options.ts";
import { withAuditKey } from "./audit-log.ts";
import { withRedis } from "./limit-options.ts";
import { createLogger } from "./logger.ts";
import type { WebhookCommandOptions } from "./options.ts";
import { listenError } from "./serving.ts";
import { toWebhookSettings } from "./webhook-settings.ts";

export interface WebhookServer extends AsyncDisposable {
  /** Resolves with the address. @throws FlyteError `invalid_config` when the port cannot be had */
  listen(): Promise<string>;
}

/**
 * The webhook in front of `controlPlane`, whose calls carry each caller's own credential. Its
 * disposal answers what was accepted and takes nothing new.
 *
 * @throws FlyteError `invalid_config` naming the option that is wrong
 */
export function createWebhookServer(
  controlPlane: ControlPlane,
  options: WebhookCommandOptions & {
    readonly host: string;
    readonly port: number;
    readonly allowAnonymous?: boolean;
  },
  acting: Pick<WebhookOptions, "signalLinks" | "callbacks"> = {},
): WebhookServer {
  const { host, port } = options;
  const settings = toWebhookSettings(options);
  const webhook = createWebhook({
    controlPlane,
    logger: createLogger("webhook", options.logLevel),
    ...settings,
    ...withAuditKey(settings),
    ...withRedis(settings),
    ...withMetricsToken(),
    allowAnonymous: options.allowAnonymous ?? false,
    ...acting,
  });
  return {
    listen: async () => {
      try {
        return await webhook.listen({ host, port });
      } catch (error) {
        throw listenError(error, host, port, "--port");
      }
    },
    [Symbol.asyncDispose]: () => webhook.close(),
  };
}

/** On a command line it could be seen. */
function withMetricsToken(): Pick<WebhookOptions, "metricsToken"> {
  const token = process.env["FLYTE_WEBHOOK_METRICS_TOKEN"];
  return token === undefined || token === "" ? {} : { metricsToken: token };
}
