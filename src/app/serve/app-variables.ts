import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ControlPlane } from "../../client/control-plane.ts";
import { currentControlPlane } from "../../client/init-current.ts";
import { FlyteError } from "../../shared/errors.ts";
import type { AppEnvironment } from "../environment/app-environment.ts";
import { FastifyAppEnvironment } from "../environment/fastify-app-environment.ts";
import { invalidConfig } from "../environment/invalid-config.ts";

/**
 * The environment variables of an app that runs here: those of this process, those that lead to its
 * control plane, and on top what the app environment sets.
 */
export function appVariables({ envVars }: AppEnvironment): Readonly<Record<string, string>> {
  const own = Object.entries(process.env).filter(([, value]) => value !== undefined);
  // Only undefined values were dropped.
  const inherited = Object.fromEntries(own) as Record<string, string>;
  return { ...inherited, ...controlPlaneVariables(), ...envVars, _RUN_MODE: "local" };
}

/** What a cluster sets for its apps, where this process is connected to a control plane. */
function controlPlaneVariables(): Readonly<Record<string, string>> {
  const controlPlane = connected();
  if (controlPlane === undefined) return {};
  const { endpoint, org, project, domain } = controlPlane;
  return {
    _U_EP_OVERRIDE: endpoint,
    ...(endpoint.startsWith("http:") && { _U_INSECURE: "true" }),
    ...(org !== "" && { _U_ORG_NAME: org }),
    ...(project !== undefined && { FLYTE_INTERNAL_EXECUTION_PROJECT: project }),
    ...(domain !== undefined && { FLYTE_INTERNAL_EXECUTION_DOMAIN: domain }),
  };
}

function connected(): ControlPlane | undefined {
  try {
    return currentControlPlane();
  } catch (error) {
    if (FlyteError.is(error) && error.code === "not_initialized") return undefined;
    throw error;
  }
}

/**
 * The values of an app's secrets, which are read from this process's environment.
 *
 * @throws FlyteError `invalid_config` naming the secret that is missing and where it is looked for
 */
export function secretValues({ name, secrets }: AppEnvironment): readonly string[] {
  return secrets.flatMap(({ key, group, asEnvVar, mount }) => {
    const secret = group === undefined ? `"${key}"` : `"${key}" of group "${group}"`;
    if (asEnvVar !== undefined) {
      const value = process.env[asEnvVar];
      if (value !== undefined && value !== "") return [value];
      throw invalidConfig(
        `The app "${name}" needs the secret ${secret}: set the environment variable ${asEnvVar}.`,
      );
    }
    const file = join(mount ?? "", group ?? "", key);
    if (existsSync(file)) return [];
    throw invalidConfig(`The app "${name}" needs the secret ${secret}: there is no file ${file}.`);
  });
}

/**
 * An app that is ready has read its environment already, which is that of this process.
 *
 * @throws FlyteError `invalid_config` when `envVars` cannot reach the app
 */
export function assertVariablesArrive(env: AppEnvironment): void {
  if (!(env instanceof FastifyAppEnvironment) || typeof env.app === "function") return;
  for (const [name, value] of Object.entries(env.envVars)) {
    if (process.env[name] === value) continue;
    throw invalidConfig(
      `The app of "${env.name}" is made already and cannot get ${name} from envVars. Give app as a function, which gets them as context.env.`,
    );
  }
}
