import { FlyteError } from "../shared/errors.ts";
import type { AuthContext } from "./auth/auth-context.ts";
import { createAuthenticator } from "./auth/create-authenticator.ts";
import { type AuthChoice, chooseAuth } from "./config/choose-auth.ts";
import { expandPath, type Surroundings } from "./config/find-config-file.ts";
import { mergeSources } from "./config/merge-sources.ts";
import { readSecret } from "./config/read-secret.ts";
import type { Settings } from "./config/settings.ts";
import { readSources } from "./config/sources.ts";
import { parseEndpoint } from "./endpoint.ts";
import type { ConnectOptions, InitOptions } from "./init-options.ts";
import { type ControlPlaneOptions, resolveOptions } from "./options.ts";

/** What depends on the process rather than on the options. */
export interface ConnectSurroundings extends Surroundings {
  readonly interactive: boolean;
  readonly notify: (text: string) => void;
}

export interface ConnectMode {
  /** Sends the caller's credential only, and looks for no other. */
  readonly passthrough?: boolean;
  /** Settings for what nothing else names; they may depend on what is configured. */
  readonly preset?: (merged: Settings) => Settings;
}

/**
 * Turns options, environment and file into the options of a control plane, secrets checked for
 * presence. Opens no connection.
 *
 * @throws FlyteError `invalid_config` naming what is wrong or missing, and the remedy
 */
export async function toControlPlaneOptions(
  options: InitOptions,
  surroundings: ConnectSurroundings,
  { passthrough = false, preset }: ConnectMode = {},
): Promise<ControlPlaneOptions> {
  const sources = await readSources(toGiven(options), surroundings, {
    configFile: options.configFile,
    apiKeys: !passthrough,
  });
  for (const notice of sources.notices) surroundings.notify(notice);
  const configured = mergeSources(sources);
  const settings: Settings = { ...preset?.(configured), ...configured };
  const choice: AuthChoice = passthrough ? { type: "Passthrough" } : chooseAuth(sources);
  const connection = toConnection(settings, options, surroundings);
  const read = secretReader(choice, surroundings);
  await read();
  return {
    ...connection,
    authenticator: createAuthenticator({
      choice,
      context: toContext(connection, settings, surroundings),
      readSecret: read,
      proxyCommand: settings.proxyCommand,
    }),
  };
}

/** The settings among the options; those left undefined count as not given. */
function toGiven(options: InitOptions) {
  const { timeoutMs, retries, configFile, onNotice, surroundings, consoleUrl, ...given } = options;
  const entries = Object.entries({ ...given, consoleEndpoint: consoleUrl }).filter(
    ([, value]) => value !== undefined,
  );
  // Only undefined values were dropped.
  return Object.fromEntries(entries) as Settings & Pick<InitOptions, "apiKey" | "clientSecret">;
}

function toConnection(
  settings: Settings,
  { timeoutMs, retries }: ConnectOptions,
  surroundings: Surroundings,
): ControlPlaneOptions {
  const { endpoint, org, project, domain, insecure, allowPlaintext, caCertFile } = settings;
  if (endpoint === undefined) throw noEndpoint();
  return {
    endpoint,
    org,
    project,
    domain,
    insecure,
    allowPlaintext,
    insecureSkipVerify: settings.insecureSkipVerify,
    caCertFile: caCertFile === undefined ? undefined : expandPath(caCertFile, surroundings),
    consoleUrl: toConsoleUrl(settings.consoleEndpoint),
    imageBuilderDomain: settings.imageBuilderDomain,
    timeoutMs,
    retries,
  };
}

/** Files name the console like an endpoint; an address with a scheme may have a path too. */
function toConsoleUrl(text: string | undefined): string | undefined {
  if (text === undefined || /^https?:/i.test(text)) return text;
  return parseEndpoint(text).baseUrl;
}

function noEndpoint(): FlyteError {
  return new FlyteError(
    "invalid_config",
    "No control plane is configured. Give endpoint, set FLYTE_ENDPOINT (a cluster sets _U_EP_OVERRIDE), or put admin.endpoint into ~/.flyte/config.yaml. `flyte-webhook devbox` starts one on this machine.",
  );
}

function toContext(
  connection: ControlPlaneOptions,
  { httpProxyUrl }: Settings,
  { notify, interactive }: ConnectSurroundings,
): AuthContext {
  const { endpoint, tls } = resolveOptions(connection);
  return { endpoint, tls, httpProxyUrl, notify, interactive, now: Date.now };
}

function secretReader(choice: AuthChoice, surroundings: Surroundings): () => Promise<string> {
  if (choice.type !== "ClientSecret") return async () => "";
  return () => readSecret(choice.secret, surroundings);
}
