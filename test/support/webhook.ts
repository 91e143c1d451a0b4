import type { ControlPlane } from "../../src/client/control-plane.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { createWebhook } from "../../src/webhook/create-webhook.ts";
import type { WebhookOptions } from "../../src/webhook/options.ts";
import { ControlPlaneStub } from "./control-plane-stub.ts";

/** A webhook over real sockets, in front of a control plane that answers constants. */
export interface TestWebhook extends AsyncDisposable {
  readonly url: string;
  readonly stub: ControlPlaneStub;
}

export async function startTestWebhook(
  options: Partial<Omit<WebhookOptions, "controlPlane">> = {},
): Promise<TestWebhook> {
  const stub = await ControlPlaneStub.start();
  const controlPlane: ControlPlane = createControlPlane({
    endpoint: stub.url,
    project: "flytesnacks",
    domain: "development",
    retries: 0,
  });
  const webhook = createWebhook({ name: "test-webhook", ...options, controlPlane });
  const url = await webhook.listen({ host: "127.0.0.1", port: 0 });
  return {
    url,
    stub,
    async [Symbol.asyncDispose]() {
      await webhook.close();
      await controlPlane.close();
      await stub[Symbol.asyncDispose]();
    },
  };
}
