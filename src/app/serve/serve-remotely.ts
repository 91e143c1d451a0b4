import type { ControlPlane } from "../../client/control-plane.ts";
import { currentControlPlane } from "../../client/init-current.ts";
import { deployApps } from "../deploy/deploy-apps.ts";
import { checkDeployOptions, type DeployOptions } from "../deploy/deploy-options.ts";
import type { AppEnvironment } from "../environment/app-environment.ts";
import { invalidConfig } from "../environment/invalid-config.ts";
import { assertParameterNames, withValues } from "../parameters/parameter-overrides.ts";
import { RemoteApp } from "./remote-app.ts";
import { resolveServeOptions, type ServeOptions } from "./serve-options.ts";
import { servingOrder } from "./serving-order.ts";

/** A cluster may have to fetch an image and find a machine first. */
const longestStartMs = 300_000;

/** Options that say where an app listens, which a control plane decides. */
const localOnly = ["host", "port", "rawDataPath"] as const;

/** Deploys apps, those that they depend on first, and waits until they are active. */
export async function serveRemotely(
  roots: readonly AppEnvironment[],
  options: ServeOptions,
  controlPlane: ControlPlane = currentControlPlane(),
): Promise<readonly RemoteApp[]> {
  const { healthPath, probeTimeoutMs } = resolveServeOptions(options);
  for (const name of localOnly) {
    if (options[name] === undefined) continue;
    throw invalidConfig(
      `${name} is for apps on this machine; the control plane chooses it for those that it runs. Leave it out, or serve with mode: "local".`,
    );
  }
  const environments = servingOrder(roots);
  const { parameterValues, activateTimeoutMs = longestStartMs } = options;
  assertParameterNames(environments, parameterValues);
  const deployOptions = toDeployOptions(options, activateTimeoutMs);
  checkDeployOptions(deployOptions);
  const deployed = await deployApps({
    environments,
    parametersOf: (environment) => withValues(environment, parameterValues),
    controlPlane,
    options: deployOptions,
  });
  const settings = { healthPath, probeTimeoutMs, activateTimeoutMs };
  return roots.map((root) => {
    const status = deployed.find(({ environment }) => environment === root)?.status;
    if (status === undefined) throw new Error("an app was to be deployed and was not");
    return new RemoteApp(root, controlPlane, status, settings);
  });
}

function toDeployOptions(options: ServeOptions, activateTimeoutMs: number): DeployOptions {
  const { project, domain, version, clusterPool, inImage, file, sourceLink, signal } = options;
  const { image, webhookImage, builder, logLevel, logFormat } = options;
  return {
    ...(project !== undefined && { project }),
    ...(domain !== undefined && { domain }),
    ...(version !== undefined && { version }),
    ...(clusterPool !== undefined && { clusterPool }),
    ...(image !== undefined && { image }),
    ...(webhookImage !== undefined && { webhookImage }),
    ...(builder !== undefined && { builder }),
    ...(inImage !== undefined && { inImage }),
    ...(file !== undefined && { file }),
    ...(sourceLink !== undefined && { sourceLink }),
    ...(signal !== undefined && { signal }),
    envVars: {
      ...(logLevel !== undefined && { LOG_LEVEL: logLevel }),
      ...(logFormat !== undefined && { LOG_FORMAT: logFormat }),
      ...options.envVars,
    },
    wait: true,
    activateTimeoutMs,
    onProgress: options.onProgress ?? ((line) => void process.stderr.write(`${line}\n`)),
  };
}
