import type { ControlPlane } from "../client/control-plane.ts";
import { createWebhook } from "../webhook/create-webhook.ts";
import type { EndpointGroup, EndpointName } from "../webhook/endpoint.ts";
import { createLogger } from "./logger.ts";
import type { WebhookCommandOptions } from "./options.ts";
import { listenError } from "./serving.ts";

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
  options: WebhookCommandOptions & { readonly host: string; readonly port: number },
): WebhookServer {
  const { host, port } = options;
  // Names are text here; createWebhook refuses unknown ones and names the nearest.
  const webhook = createWebhook({
    controlPlane,
    name: options.name,
    runScope: options.runScope,
    docs: options.docs,
    logger: createLogger("webhook", options.logLevel),
    ...(options.endpointGroup === undefined
      ? {}
      : { endpointGroups: options.endpointGroup as EndpointGroup[] }),
    ...(options.endpoints === undefined ? {} : { endpoints: options.endpoints as EndpointName[] }),
    ...(options.taskAllowlist === undefined ? {} : { taskAllowlist: options.taskAllowlist }),
    ...(options.appAllowlist === undefined ? {} : { appAllowlist: options.appAllowlist }),
    ...(options.triggerAllowlist === undefined
      ? {}
      : { triggerAllowlist: options.triggerAllowlist }),
    ...(options.compat === undefined ? {} : { compat: options.compat }),
    ...(options.corsOrigin === undefined ? {} : { corsOrigins: options.corsOrigin }),
    ...(options.trustedProxy === undefined ? {} : { trustedProxies: options.trustedProxy }),
    ...(options.bodyLimit === undefined ? {} : { bodyLimitBytes: options.bodyLimit }),
    ...(options.waitLimit === undefined ? {} : { waitLimitMs: options.waitLimit }),
    ...(options.callTimeout === undefined ? {} : { callTimeoutMs: options.callTimeout }),
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
