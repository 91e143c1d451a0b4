import type { AppContainer, AppSpec } from "../../client/app-spec.ts";
import type { ControlPlane } from "../../client/control-plane.ts";
import { packageVersion } from "../../shared/package-files.ts";
import type { AppEnvironment } from "../environment/app-environment.ts";
import { toContainerText } from "../environment/variable-references.ts";
import type { MaterializedParameter } from "../parameters/materialized-parameter.ts";
import { encodeParameters } from "../parameters/parameter-transport.ts";
import type { AppCode } from "./app-code.ts";
import { knownVariables, literalText, parameterVariables, toInputs } from "./container-env.ts";
import { toContainerResources } from "./container-resources.ts";
import type { DeployOptions } from "./deploy-options.ts";

export interface AppToDeploy {
  readonly environment: AppEnvironment;
  readonly code: AppCode;
  /** Where the code was uploaded; undefined where none had to be. */
  readonly codeUri: string | undefined;
  readonly image: string;
  readonly parameters: readonly MaterializedParameter[];
  readonly controlPlane: ControlPlane;
  readonly options: DeployOptions;
}

/** What a control plane is told of an app. @throws FlyteError `invalid_config` for what cannot be said */
export async function toAppSpec(app: AppToDeploy): Promise<AppSpec> {
  const { environment, parameters, options, codeUri } = app;
  const { project, domain, version } = options;
  const { type, description, scaling, links, secrets } = environment;
  const { requestMs = 0 } = environment.timeouts;
  const { subdomain, customDomain } = environment.domain ?? {};
  return {
    ...(project !== undefined && { project }),
    ...(domain !== undefined && { domain }),
    name: environment.name,
    ...(type !== undefined && { type }),
    ...(description !== undefined && { description }),
    container: await toContainer(app),
    replicas: scaling.replicas,
    ...(scaling.metric !== undefined && { metric: scaling.metric }),
    ...(scaling.scaledownAfterMs !== undefined && { scaledownAfterMs: scaling.scaledownAfterMs }),
    ...(subdomain !== undefined && { subdomain }),
    ...(customDomain !== undefined && { customDomain }),
    requiresAuth: environment.requiresAuth,
    secrets: secrets.map(({ key, group, asEnvVar }) => ({
      key,
      ...(group !== undefined && { group }),
      ...(asEnvVar !== undefined && { asEnvVar }),
    })),
    links: links.map(({ path, title, isRelative }) => ({ path, title, isRelative })),
    // 0 is the platform's own limit.
    ...(requestMs > 0 && { requestTimeoutMs: requestMs }),
    clusterPool: options.clusterPool ?? environment.clusterPool,
    labels: version === undefined ? {} : { version },
    ...(codeUri !== undefined && { codeBundleUri: codeUri }),
    ...(options.sourceLink !== undefined && { sourceLink: options.sourceLink }),
    inputs: toInputs(parameters),
    packageVersion: packageVersion(),
  };
}

async function toContainer(app: AppToDeploy): Promise<AppContainer> {
  const { environment, image, options } = app;
  const { command, args, env } = await toProcess(app);
  const { port, name } = environment.port;
  const own = { _RUN_MODE: "remote", ...environment.envVars, ...options.envVars, ...env };
  return {
    image,
    command,
    args,
    env: Object.fromEntries(
      Object.entries(own).map(([variable, value]) => [variable, literalText(value)]),
    ),
    port,
    ...(name !== undefined && { portName: name }),
    ...toContainerResources(environment.resources),
  };
}

type ContainerProcess = Pick<AppContainer, "command" | "args" | "env">;

/** Servers of this package listen where the proxy of a cluster reaches them. */
const everywhere = { FLYTE_APP_HOST: "0.0.0.0" };

async function toProcess(app: AppToDeploy): Promise<ContainerProcess> {
  const { environment, code, codeUri = "", parameters, controlPlane, options } = app;
  const { name, command = [], args = [] } = environment;
  const { signal } = options;
  switch (code.kind) {
    case "own-command": {
      const known = knownVariables(environment, options.envVars);
      return {
        command: command.map(literalText),
        args: args.map((word) => toContainerText(word, known)),
        env: await parameterVariables(name, parameters, {
          controlPlane,
          ...(signal && { signal }),
        }),
      };
    }
    case "files": {
      const known = knownVariables(environment, options.envVars);
      for (const word of args) toContainerText(word, known); // Names that there are not are told now.
      // The launcher fills the variables in: only it knows those of parameters.
      const words = [...command.map((word) => word.replaceAll("$", "$$$$")), ...args];
      const given = ["--tgz", codeUri, ...parameterWords(parameters), "--exec", name, "--"];
      return { command: ["flyte-app"], args: [...given, ...words].map(literalText), env: {} };
    }
    case "command": {
      const { command: program, args: words } = code.command;
      return { command: program, args: words.map(literalText), env: everywhere };
    }
    case "in-image": {
      // The file in the image has the parameters, too: what it cannot know are other values.
      const own = new Map(environment.parameters.map((parameter) => [parameter.name, parameter]));
      const other = parameters.filter((given) => own.get(given.name)?.value !== given.value);
      const words = ["serve", code.path, name, "--alone", ...parameterWords(other)];
      return { command: ["flyte-webhook"], args: words.map(literalText), env: everywhere };
    }
    case "bundle": {
      const words = ["--tgz", codeUri, ...parameterWords(parameters), name];
      return { command: ["flyte-app"], args: words.map(literalText), env: everywhere };
    }
  }
}

function parameterWords(parameters: readonly MaterializedParameter[]): readonly string[] {
  return parameters.length === 0 ? [] : ["--parameters", encodeParameters(parameters)];
}
