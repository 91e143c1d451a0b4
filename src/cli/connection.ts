import { homedir } from "node:os";
import { resolve as resolvePath } from "node:path";
import { bearerAuthenticator } from "../client/auth/bearer.ts";
import { firstVariable } from "../client/config/environment.ts";
import { apiKeyVariables, type Settings } from "../client/config/settings.ts";
import type { ControlPlane } from "../client/control-plane.ts";
import { createControlPlane } from "../client/create-control-plane.ts";
import { parseEndpoint } from "../client/endpoint.ts";
import { type ConnectSurroundings, toControlPlaneOptions } from "../client/init-connect.ts";
import type { ControlPlaneOptions } from "../client/options.ts";
import { FlyteError } from "../shared/errors.ts";
import type { ConnectionOptions } from "./options.ts";
import { note } from "./output.ts";
import { defaultState, type LocalDevbox, readLocalDevbox } from "./state.ts";

/** Where the devbox's example tasks are. */
const localScope = { project: "flytesnacks", domain: "development" } as const;

/**
 * The control plane a command talks to, with the user's own credential: what options, environment
 * and config file say, and this user's devbox where they name none.
 *
 * @throws FlyteError `invalid_config` naming what is missing and the remedy
 */
export async function connect(options: ConnectionOptions): Promise<ControlPlane> {
  return createControlPlane(await resolveConnection(options));
}

/** What {@link connect} connects to, for calls that are no RPCs. */
export async function resolveConnection(options: ConnectionOptions): Promise<ControlPlaneOptions> {
  const local = await readLocalDevbox(options.state, options.user);
  const resolved = await resolve(options, local, false);
  const { endpoint, insecure } = resolved;
  if (local?.url === undefined || !isSameServer(endpoint, insecure, local.url) || hasApiKey()) {
    return resolved;
  }
  if (local.key === undefined) {
    throw new FlyteError(
      "invalid_config",
      `The devbox keeps no key of ${options.user}, only of ${local.users.join(" and ")}. Choose one with --user, or set FLYTE_API_KEY.`,
    );
  }
  return { ...resolved, authenticator: bearerAuthenticator(local.key) };
}

/**
 * The control plane behind a webhook: each call carries its caller's credential and nothing else.
 *
 * @throws FlyteError `invalid_config` without endpoint, project or domain
 */
export async function passthroughControlPlane(options: ConnectionOptions): Promise<ControlPlane> {
  const local = await readLocalDevbox(options.state, options.user);
  const resolved = await resolve(options, local, true);
  for (const name of ["project", "domain"] as const) {
    if (resolved[name] !== undefined) continue;
    throw new FlyteError(
      "invalid_config",
      `The webhook needs a ${name} for the runs it starts. Give --${name}, set FLYTE_INTERNAL_EXECUTION_${name.toUpperCase()}, or put task.${name} into the config file.`,
    );
  }
  return createControlPlane(resolved);
}

/**
 * The environment variables by which an app finds the control plane of the options, and this user's
 * devbox where they name none. None when nothing is configured: an app that needs one says so itself.
 *
 * @throws FlyteError `invalid_config` when what the options name is not valid
 */
export async function connectionVariables(
  options: ConnectionOptions,
): Promise<Readonly<Record<string, string>>> {
  const local = await readLocalDevbox(options.state, options.user);
  const resolved = await resolve(options, local, true).catch((error: unknown) => {
    if (options.endpoint === undefined && options.config === undefined) return undefined;
    throw error;
  });
  if (resolved === undefined) return {};
  const variables: Readonly<Record<string, string | undefined>> = {
    _U_EP_OVERRIDE: resolved.endpoint,
    FLYTE_ADMIN_INSECURE: resolved.insecure === true ? "true" : undefined,
    FLYTE_ALLOW_PLAINTEXT: resolved.allowPlaintext === true ? "true" : undefined,
    UCTL_CONFIG: options.config === undefined ? undefined : resolvePath(options.config),
    _U_ORG_NAME: resolved.org,
    FLYTE_INTERNAL_EXECUTION_PROJECT: resolved.project,
    FLYTE_INTERNAL_EXECUTION_DOMAIN: resolved.domain,
  };
  const given = Object.entries(variables).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as Record<string, string>; // Only undefined values were dropped.
}

function resolve(
  { endpoint, config, org, project, domain, insecure, state }: ConnectionOptions,
  local: LocalDevbox | undefined,
  passthrough: boolean,
): Promise<ControlPlaneOptions> {
  const given = { endpoint, configFile: config, org, project, domain, insecure };
  return toControlPlaneOptions(given, surroundings(), {
    passthrough,
    preset: (merged) => (local === undefined ? {} : devboxPreset(merged, local, state)),
  });
}

/** The local devbox where nothing else is named, with the scope of its example tasks. */
function devboxPreset({ endpoint }: Settings, { url }: LocalDevbox, state: string): Settings {
  if (endpoint === undefined) {
    if (url !== undefined) return { endpoint: url, ...localScope };
    const option = state === defaultState() ? "" : ` --state ${state}`;
    throw new FlyteError(
      "unavailable",
      `The devbox is not running. Start it with: flyte-webhook dev${option}, or name a control plane with --endpoint.`,
    );
  }
  return url !== undefined && isSameServer(endpoint, true, url)
    ? { insecure: true, ...localScope }
    : {};
}

/** Whether an endpoint is the devbox's, by whatever name of this machine. */
function isSameServer(endpoint: string, insecure: boolean | undefined, devboxUrl: string): boolean {
  const asked = parseEndpoint(endpoint, { insecure: insecure === true });
  if (asked.baseUrl === devboxUrl) return true;
  const devbox = parseEndpoint(devboxUrl);
  const ports = [asked, devbox].map(({ baseUrl }) => new URL(baseUrl).port);
  return asked.loopback && devbox.loopback && !asked.secure && ports[0] === ports[1];
}

function hasApiKey(): boolean {
  return firstVariable(process.env, apiKeyVariables) !== undefined;
}

function surroundings(): ConnectSurroundings {
  return {
    env: process.env,
    cwd: process.cwd(),
    home: homedir(),
    interactive: process.stderr.isTTY === true,
    notify: note,
  };
}
