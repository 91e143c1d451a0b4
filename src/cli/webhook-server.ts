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
  const webhook = createWebhook({
    controlPlane,
    name: options.name,
    runScope: options.runScope,
    docs: options.docs,
    logger: createLogger("webhook", options.logLevel),
    ...given({
      // Names are text here; createWebhook refuses unknown ones and names the nearest.
      endpointGroups: options.endpointGroup as readonly EndpointGroup[] | undefined,
      endpoints: options.endpoints as readonly EndpointName[] | undefined,
      taskAllowlist: options.taskAllowlist,
      appAllowlist: options.appAllowlist,
      triggerAllowlist: options.triggerAllowlist,
      compat: options.compat,
      corsOrigins: options.corsOrigin,
      trustedProxies: options.trustedProxy,
      bodyLimitBytes: options.bodyLimit,
      waitLimitMs: options.waitLimit,
      callTimeoutMs: options.callTimeout,
      requestTimeoutMs: options.requestTimeout,
      typedOperations: options.typedOperations,
    }),
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

/** Without the options that were not given. */
function given<Options extends object>(
  options: Options,
): { [Name in keyof Options]?: Exclude<Options[Name], undefined> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  // Only undefined values were dropped.
  return Object.fromEntries(entries) as ReturnType<typeof given<Options>>;
}
