import type { AppInput } from "../../client/app-spec.ts";
import type { ControlPlane } from "../../client/control-plane.ts";
import type { AppEnvironment } from "../environment/app-environment.ts";
import { invalidConfig } from "../environment/invalid-config.ts";
import { AppEndpoint } from "../parameters/app-endpoint.ts";
import type { MaterializedParameter } from "../parameters/materialized-parameter.ts";
import { textOfValue } from "../parameters/parameter-value.ts";
import { askForEndpoint } from "../serve/endpoint-of.ts";

/** Variables that a control plane sets for every app. */
const platformVariables = [
  "PORT",
  "_RUN_MODE",
  "INTERNAL_APP_ENDPOINT_PATTERN",
  "FLYTE_INTERNAL_EXECUTION_PROJECT",
  "FLYTE_INTERNAL_EXECUTION_DOMAIN",
  "_U_EP_OVERRIDE",
  "_U_INSECURE",
  "_U_ORG_NAME",
];

/** The variables that `$NAME` may stand for in the command of a deployed app. */
export function knownVariables(
  { envVars, secrets, parameters }: AppEnvironment,
  added: Readonly<Record<string, string>> = {},
): ReadonlySet<string> {
  const given = [
    ...secrets.map(({ asEnvVar }) => asEnvVar),
    ...parameters.map(({ envVar }) => envVar),
  ];
  return new Set([
    ...platformVariables,
    ...Object.keys(envVars),
    ...Object.keys(added),
    ...given.filter((name) => name !== undefined),
  ]);
}

/** A text that a container has as it is: there, `$(NAME)` would stand for a variable. */
export function literalText(text: string): string {
  return text.replaceAll("$", "$$$$");
}

/**
 * The variables by which an app without a launcher gets its parameters.
 *
 * @throws FlyteError `invalid_config` for a parameter that takes a launcher
 */
export async function parameterVariables(
  app: string,
  parameters: readonly MaterializedParameter[],
  options: { readonly controlPlane: ControlPlane; readonly signal?: AbortSignal },
): Promise<Readonly<Record<string, string>>> {
  const variables: Record<string, string> = {};
  for (const { name, value, envVar, download, mount } of parameters) {
    const fail = (reason: string): Error =>
      invalidConfig(`Parameter "${name}" of the app "${app}" ${reason}`);
    if (envVar === undefined) {
      throw fail("has no envVar, which is how an app that is a command gets it.");
    }
    const isStored = typeof value === "object" && !(value instanceof AppEndpoint);
    if (isStored && (download || mount !== undefined)) {
      throw fail("cannot be brought to an app that is a command. Give download: false.");
    }
    if (!(value instanceof AppEndpoint)) {
      variables[envVar] = textOfValue(value);
    } else if (value.public) {
      variables[envVar] = await askForEndpoint(value.appName, options);
    } else {
      throw fail(
        "is the inner address of an app, which an app that is a command cannot know. Ask for the public one with public: true.",
      );
    }
  }
  return variables;
}

/** What the control plane shows of parameters. */
export function toInputs(parameters: readonly MaterializedParameter[]): readonly AppInput[] {
  return parameters.flatMap(({ name, value }): readonly AppInput[] => {
    if (value instanceof AppEndpoint) return [{ name, app: value.appName }];
    const text = textOfValue(value);
    return text === "" ? [] : [{ name, value: text }];
  });
}
