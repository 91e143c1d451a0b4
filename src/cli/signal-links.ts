import { homedir } from "node:os";
import type { ControlPlane } from "../client/control-plane.ts";
import { createControlPlane } from "../client/create-control-plane.ts";
import { toControlPlaneOptions } from "../client/init-connect.ts";
import { FlyteError } from "../shared/errors.ts";
import type { WebhookOptions } from "../webhook/options.ts";
import { note } from "./output.ts";

/** Where the secrets of links come from; on a command line they could be seen. */
const keyVariable = "FLYTE_WEBHOOK_SIGNAL_KEY";
const apiKeyVariable = "FLYTE_WEBHOOK_SIGNAL_API_KEY";

/** What links are made with, to be disposed after the webhook. */
export interface SignalLinks extends AsyncDisposable {
  readonly options: Pick<WebhookOptions, "signalLinks">;
}

/**
 * Links under this address, which act on the same control plane with an API key of their own.
 *
 * @throws FlyteError `invalid_config` when a secret is not set
 */
export async function openSignalLinks(
  { endpoint, project, domain }: ControlPlane,
  { signalUrl: url, config }: { readonly signalUrl?: string; readonly config?: string },
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<SignalLinks> {
  if (url === undefined) return { options: {}, [Symbol.asyncDispose]: async () => undefined };
  const [key, apiKey] = [keyVariable, apiKeyVariable].map((name) => required(env, name));
  const controlPlane = createControlPlane(
    await toControlPlaneOptions(
      { endpoint, apiKey, project, domain, configFile: config },
      { env, cwd: process.cwd(), home: homedir(), interactive: false, notify: note },
    ),
  );
  return {
    options: { signalLinks: { controlPlane, key: key ?? "", url } },
    [Symbol.asyncDispose]: () => controlPlane.close(),
  };
}

function required(env: Readonly<Record<string, string | undefined>>, name: string): string {
  const value = env[name];
  if (value !== undefined && value !== "") return value;
  throw new FlyteError(
    "invalid_config",
    `--signal-url needs ${name}: ${keyVariable} is a secret of at least 32 characters that proves links, ${apiKeyVariable} the API key that they act with.`,
  );
}
