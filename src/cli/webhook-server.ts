import { pino } from "pino";
import type { ControlPlane } from "../client/control-plane.ts";
import { createWebhook } from "../webhook/create-webhook.ts";
import type { EndpointGroup, EndpointName } from "../webhook/endpoint.ts";
import type { WebhookCommandOptions } from "./options.ts";
import { listenError } from "./serving.ts";

export interface WebhookServer {
  readonly url: string;
  /** Answers what was accepted, takes nothing new. */
  close(): Promise<void>;
}

/** Serves the webhook in front of `controlPlane`, whose calls carry each caller's own credential. */
export async function startWebhook(
  controlPlane: ControlPlane,
  options: WebhookCommandOptions & { readonly host: string; readonly port: number },
): Promise<WebhookServer> {
  // Names are text here; createWebhook refuses unknown ones and names the nearest.
  const webhook = createWebhook({
    controlPlane,
    name: options.name,
    runScope: options.runScope,
    docs: options.docs,
    logger: pino({ level: options.logLevel }, pino.destination(2)),
    ...(options.endpointGroup === undefined
      ? {}
      : { endpointGroups: options.endpointGroup as EndpointGroup[] }),
    ...(options.endpoints === undefined ? {} : { endpoints: options.endpoints as EndpointName[] }),
    ...(options.taskAllowlist === undefined ? {} : { taskAllowlist: options.taskAllowlist }),
    ...(options.appAllowlist === undefined ? {} : { appAllowlist: options.appAllowlist }),
    ...(options.triggerAllowlist === undefined
      ? {}
      : { triggerAllowlist: options.triggerAllowlist }),
  });
  try {
    const url = await webhook.listen({ host: options.host, port: options.port });
    return { url, close: () => webhook.close() };
  } catch (error) {
    await webhook.close();
    throw listenError(error, options.host, options.port, "--port");
  }
}
