import { homedir } from "node:os";
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
import { type LocalDevbox, readLocalDevbox } from "./state.ts";

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
  const own = local !== undefined && isLocal(resolved, local) && !hasApiKey();
  return own ? { ...resolved, authenticator: bearerAuthenticator(local.key) } : resolved;
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

function resolve(
  { endpoint, config, org, project, domain, insecure }: ConnectionOptions,
  local: LocalDevbox | undefined,
  passthrough: boolean,
): Promise<ControlPlaneOptions> {
  const given = { endpoint, configFile: config, org, project, domain, insecure };
  return toControlPlaneOptions(given, surroundings(), {
    passthrough,
    preset: (merged) => (local === undefined ? {} : devboxPreset(merged, local)),
  });
}

/** The local devbox where nothing else is named, with the scope of its example tasks. */
function devboxPreset({ endpoint }: Settings, { url }: LocalDevbox): Settings {
  if (endpoint === undefined) return { endpoint: url, ...localScope };
  return parseEndpoint(endpoint, { insecure: true }).baseUrl === url
    ? { insecure: true, ...localScope }
    : {};
}

function isLocal({ endpoint, insecure }: ControlPlaneOptions, { url }: LocalDevbox): boolean {
  return parseEndpoint(endpoint, { insecure: insecure === true }).baseUrl === url;
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
