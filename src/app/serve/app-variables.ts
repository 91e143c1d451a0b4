import { connectedControlPlane } from "../../client/init-current.ts";
import type { AppEnvironment } from "../environment/app-environment.ts";
import { FastifyAppEnvironment } from "../environment/fastify-app-environment.ts";
import { invalidConfig } from "../environment/invalid-config.ts";
import { secretVariables } from "./secret-variables.ts";

/** Environment variables of an app that runs here. */
export interface AppVariables {
  /** All of them, those of this process included. */
  readonly env: Readonly<Record<string, string>>;
  /** Those that the app has wherever it runs, and that `$NAME` may stand for therefore. */
  readonly own: ReadonlyMap<string, string>;
}

/**
 * The environment variables of an app that runs here: those of this process, those that lead to its
 * control plane, and on top what the app environment and its parameters set.
 *
 * @param added what is set by whoever serves the app, which wins over the app environment
 */
export function appVariables(
  environment: AppEnvironment,
  added: Readonly<Record<string, string>> = {},
): AppVariables {
  const given = Object.entries(process.env).filter(([, value]) => value !== undefined);
  // Only undefined values were dropped.
  const inherited = Object.fromEntries(given) as Record<string, string>;
  const own: Record<string, string> = {
    ...controlPlaneVariables(),
    _RUN_MODE: "local",
    ...environment.envVars,
    ...Object.fromEntries(secretVariables(environment)),
    ...added,
  };
  return { env: { ...inherited, ...own }, own: new Map(Object.entries(own)) };
}

/** What a cluster sets for its apps, where this process is connected to a control plane. */
function controlPlaneVariables(): Readonly<Record<string, string>> {
  const controlPlane = connectedControlPlane();
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

/**
 * An app that is ready has read its environment already, which is that of this process.
 *
 * @param added what is set by whoever serves the app
 * @throws FlyteError `invalid_config` when `envVars`, or a secret from `.env`, cannot reach the app
 */
export function assertVariablesArrive(
  env: AppEnvironment,
  added: Readonly<Record<string, string>>,
): void {
  if (!(env instanceof FastifyAppEnvironment) || typeof env.app === "function") return;
  for (const [name, value] of Object.entries({ ...env.envVars, ...added })) {
    if (process.env[name] !== value) throw tooLate(env.name, name, "envVars");
  }
  for (const [name, value] of secretVariables(env)) {
    if (process.env[name] !== value) throw tooLate(env.name, name, "the file .env");
  }
  for (const { name, envVar } of env.parameters) {
    if (envVar !== undefined) throw tooLate(env.name, envVar, `parameter "${name}"`);
  }
}

function tooLate(app: string, name: string, source: string) {
  return invalidConfig(
    `The app of "${app}" is made already and cannot get ${name} from ${source}. Give app as a function, which gets them as context.env.`,
  );
}
