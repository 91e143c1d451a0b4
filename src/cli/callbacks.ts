import { homedir } from "node:os";
import type { ControlPlane } from "../client/control-plane.ts";
import { createControlPlane } from "../client/create-control-plane.ts";
import { toControlPlaneOptions } from "../client/init-connect.ts";
import { FlyteError } from "../shared/errors.ts";
import type { WebhookOptions } from "../webhook/options.ts";
import type { CallbackCommandOptions } from "./callback-options.ts";
import { note } from "./output.ts";

/** Where the secrets of callbacks come from; on a command line they could be seen. */
const secretVariable = "FLYTE_WEBHOOK_CALLBACK_SECRET";
const apiKeyVariable = "FLYTE_WEBHOOK_CALLBACK_API_KEY";

/** What callbacks need, to be disposed after the webhook. */
export interface Callbacks extends AsyncDisposable {
  readonly options: Pick<WebhookOptions, "callbacks">;
}

/**
 * Callbacks that follow runs of the same control plane with an API key of their own.
 *
 * @throws FlyteError `invalid_config` when a flag or a secret is missing
 */
export async function openCallbacks(
  { endpoint, project, domain }: ControlPlane,
  given: CallbackCommandOptions,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Callbacks> {
  const { callbackAllow: allow, callbackFile: file, callbackAllowPrivate: allowPrivate } = given;
  if (allow === undefined && file === undefined) {
    return { options: {}, [Symbol.asyncDispose]: async () => undefined };
  }
  if (allow === undefined || file === undefined) {
    throw invalid("--callback-allow and --callback-file need each other: give both.");
  }
  const secret = required(env, secretVariable).split(/[\s,]+/);
  const apiKey = required(env, apiKeyVariable);
  const controlPlane = createControlPlane(
    await toControlPlaneOptions(
      { endpoint, apiKey, project, domain, configFile: given.config },
      { env, cwd: process.cwd(), home: homedir(), interactive: false, notify: note },
    ),
  );
  return {
    options: {
      callbacks: {
        ...{ controlPlane, secret, allow, file },
        ...(allowPrivate !== undefined && { allowPrivate }),
        outputs: given.callbackOutputs ?? false,
      },
    },
    [Symbol.asyncDispose]: () => controlPlane.close(),
  };
}

function required(env: Readonly<Record<string, string | undefined>>, name: string): string {
  const value = env[name]?.trim();
  if (value !== undefined && value !== "") return value;
  throw invalid(
    `--callback-allow needs ${name}: ${secretVariable} is what callbacks are signed with (whsec_…; several, with spaces between, sign all), ${apiKeyVariable} the API key that runs are followed with.`,
  );
}

function invalid(message: string): FlyteError {
  return new FlyteError("invalid_config", message);
}
