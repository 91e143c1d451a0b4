import type { CallOptions, ControlPlane } from "../../client/control-plane.ts";
import { currentControlPlane } from "../../client/init-current.ts";
import { FlyteError } from "../../shared/errors.ts";
import type { AppEnvironment } from "../environment/app-environment.ts";
import { runningApp } from "../environment/running-app.ts";
import { AppEndpoint } from "../parameters/app-endpoint.ts";
import { findServed } from "./served-apps.ts";

/** Tells an app where others are inside the cluster; `{app_fqdn}` stands for the name of the other. */
const patternName = "INTERNAL_APP_ENDPOINT_PATTERN";

export interface EndpointOptions extends Pick<CallOptions, "signal"> {
  /** Whether it is the public address, also inside a cluster. @default false */
  readonly public?: boolean;
  /** Who is asked for a public address. @default the one that `init` connected to */
  readonly controlPlane?: ControlPlane;
}

/**
 * Where an app is reached from here: an app that this process serves at its own address; in an app
 * that is served on a machine, `http://127.0.0.1:` and its port; in an app of a cluster, its address
 * inside of that; else the address that the control plane tells.
 *
 * @throws FlyteError `not_found` when the control plane knows no such app, `precondition_failed` when
 * the app has no address yet, `not_initialized` when there is nobody to ask
 */
export function endpointOf(
  app: string | AppEnvironment,
  options: EndpointOptions = {},
): Promise<string> {
  const [appName, port] = typeof app === "string" ? [app] : [app.name, app.port.port];
  const endpoint = new AppEndpoint({ appName, public: options.public ?? false });
  const env = runningApp.getStore()?.env ?? process.env;
  const known = knownEndpoint(endpoint, env);
  if (known !== undefined) return Promise.resolve(known);
  if (port !== undefined && env["_RUN_MODE"] === "local") {
    return Promise.resolve(`http://127.0.0.1:${port}`);
  }
  return askForEndpoint(appName, options);
}

/** The address, as far as nobody has to be asked. */
export function knownEndpoint(
  { appName, public: isPublic }: AppEndpoint,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const served = findServed(appName);
  if (served !== undefined) return served.endpoint;
  return isPublic ? undefined : env[patternName]?.replaceAll("{app_fqdn}", appName);
}

/** The public address. */
export async function askForEndpoint(
  name: string,
  options: Pick<EndpointOptions, "signal" | "controlPlane">,
): Promise<string> {
  const { controlPlane = currentControlPlane(), signal } = options;
  const { endpoint, phase } = await controlPlane.apps.get({ name }, signal ? { signal } : {});
  if (endpoint !== "") return endpoint;
  throw new FlyteError(
    "precondition_failed",
    `The app "${name}" has no address: it is ${phase}. Activate it first.`,
  );
}
