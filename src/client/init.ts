import { homedir } from "node:os";
import { FlyteError } from "../shared/errors.ts";
import { checkPassthrough } from "./check-passthrough.ts";
import { firstVariable } from "./config/environment.ts";
import { apiKeyVariables, type Settings } from "./config/settings.ts";
import type { ControlPlane } from "./control-plane.ts";
import { createControlPlane } from "./create-control-plane.ts";
import { parseEndpoint } from "./endpoint.ts";
import {
  type ConnectMode,
  type ConnectSurroundings,
  toControlPlaneOptions,
} from "./init-connect.ts";
import { replaceControlPlane } from "./init-current.ts";
import type { ConnectOptions, InitOptions, PassthroughInitOptions } from "./init-options.ts";

/**
 * Connects this process to a control plane: `run`, `remote.Task` and all others use it from then
 * on. Each setting comes from the options, else the environment, else the configuration file, else
 * its default. Called again, it replaces the connection. Nothing is sent yet.
 *
 * @example
 * ```ts
 * import { init, remote } from "flyte-webhook";
 *
 * await init({ endpoint: "https://flyte.example.com", project: "flytesnacks", domain: "development" });
 * console.log(await remote.User.get());
 * ```
 *
 * @throws FlyteError `invalid_config` naming what is wrong or missing, and the remedy
 */
export function init(options: InitOptions = {}): Promise<ControlPlane> {
  return connect(options);
}

/**
 * Connects this process to a control plane without a credential of its own: each call carries what
 * `authMetadata` bound to the running request, and nothing else. API keys and auth settings of
 * environment and file are not looked at.
 *
 * The control plane is asked once, without a credential, so that a service which could not work does
 * not start. When that fails, the connection before stays in use.
 *
 * @throws FlyteError `invalid_config` at once when no endpoint is given or configured, or when the
 * control plane serves calls without a credential; `unavailable` when it cannot be reached
 */
export async function initPassthrough(options: PassthroughInitOptions = {}): Promise<ControlPlane> {
  return replaceControlPlane(await openPassthrough(options));
}

/**
 * What {@link initPassthrough} connects to, without making it the connection of this process: for
 * an app that shares the process with others.
 *
 * @throws FlyteError as {@link initPassthrough} does
 */
export async function openPassthrough({
  allowAnonymous,
  check = true,
  ...options
}: PassthroughInitOptions): Promise<ControlPlane> {
  const controlPlane = await open(options, { passthrough: true });
  try {
    if (check) await checkPassthrough(controlPlane, { allowAnonymous });
  } catch (error) {
    await controlPlane.close();
    throw error;
  }
  return controlPlane;
}

/**
 * Connects as the configuration file says; the environment still wins over it, and `options` over
 * both.
 *
 * @param path the file; without it the first one in Flyte's search order
 * @throws FlyteError `invalid_config` when the named file is missing, or any file is not valid
 */
export function initFromConfig(
  path?: string,
  options: Omit<InitOptions, "configFile"> = {},
): Promise<ControlPlane> {
  return connect({ ...options, configFile: path });
}

/**
 * Connects with an API key.
 *
 * @param apiKey the key; without it `FLYTE_API_KEY`, `_UNION_EAGER_API_KEY` or `EAGER_API_KEY`
 * @throws FlyteError `invalid_config` when there is no key, or it is not valid
 */
export async function initFromApiKey(
  apiKey?: string,
  options: Omit<InitOptions, "apiKey"> = {},
): Promise<ControlPlane> {
  const { env } = surroundingsOf(options);
  const key = apiKey ?? firstVariable(env, apiKeyVariables)?.text;
  if (key === undefined) {
    throw new FlyteError(
      "invalid_config",
      "An API key is needed: give it as the first argument, or set FLYTE_API_KEY.",
    );
  }
  return connect({ ...options, apiKey: key });
}

/**
 * Connects a program that runs inside a cluster, as the cluster's variables say. Where they name
 * no endpoint it is `host.docker.internal:8090`, a control plane beside the container.
 *
 * @throws FlyteError `invalid_config` naming what is wrong, and the remedy
 */
export function initInCluster(options: InitOptions = {}): Promise<ControlPlane> {
  return connect(options, { preset: clusterPreset });
}

const besideContainer = "host.docker.internal";

/** Plain text towards this machine and the one that hosts the container, which serve no TLS. */
function clusterPreset({ endpoint = `${besideContainer}:8090` }: Settings): Settings {
  const { hostname, loopback } = parseEndpoint(endpoint);
  const local = loopback || hostname === besideContainer;
  return { endpoint, insecure: local, allowPlaintext: local };
}

async function connect(options: InitOptions, mode?: ConnectMode): Promise<ControlPlane> {
  return replaceControlPlane(await open(options, mode));
}

async function open(options: InitOptions, mode?: ConnectMode): Promise<ControlPlane> {
  return createControlPlane(await toControlPlaneOptions(options, surroundingsOf(options), mode));
}

function surroundingsOf({ surroundings, onNotice }: ConnectOptions): ConnectSurroundings {
  return {
    env: surroundings?.env ?? process.env,
    cwd: surroundings?.cwd ?? process.cwd(),
    home: surroundings?.home ?? homedir(),
    interactive: surroundings?.interactive ?? process.stderr.isTTY === true,
    notify: onNotice ?? ((text) => void process.stderr.write(`${text}\n`)),
  };
}
