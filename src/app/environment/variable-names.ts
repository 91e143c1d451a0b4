import type { Parameter } from "../parameters/parameter.ts";
import { isReservedVariable } from "./env-vars.ts";
import { invalidConfig } from "./invalid-config.ts";
import type { Secret } from "./secret.ts";

/** What sets environment variables of an app. */
export interface VariableSources {
  readonly envVars: Readonly<Record<string, string>>;
  readonly secrets: readonly Secret[];
  readonly parameters: readonly Parameter[];
}

/** @throws FlyteError `invalid_config` when two of them set the same variable */
export function assertDistinctVariables({ envVars, secrets, parameters }: VariableSources): void {
  const ofSecrets = new Set<string>();
  for (const { asEnvVar } of secrets) {
    if (asEnvVar === undefined) continue;
    if (Object.hasOwn(envVars, asEnvVar)) {
      throw invalidConfig(`${asEnvVar} is both in envVars and the variable of a secret. Keep one.`);
    }
    if (ofSecrets.has(asEnvVar)) {
      throw invalidConfig(`Two secrets have the variable ${asEnvVar}. Name another with asEnvVar.`);
    }
    ofSecrets.add(asEnvVar);
  }
  const ofParameters = new Set<string>();
  for (const { name, envVar } of parameters) {
    if (envVar === undefined) continue;
    const other = otherSource(envVar, { envVars, ofSecrets, ofParameters });
    if (other !== undefined) {
      throw invalidConfig(
        `envVar ${envVar} of parameter "${name}" is ${other}. Name another variable.`,
      );
    }
    ofParameters.add(envVar);
  }
}

function otherSource(
  name: string,
  taken: {
    readonly envVars: Readonly<Record<string, string>>;
    readonly ofSecrets: ReadonlySet<string>;
    readonly ofParameters: ReadonlySet<string>;
  },
): string | undefined {
  if (isReservedVariable(name)) return "set where the app is started";
  if (Object.hasOwn(taken.envVars, name)) return "in envVars, too";
  if (taken.ofSecrets.has(name)) return "the variable of a secret, too";
  return taken.ofParameters.has(name) ? "that of another parameter, too" : undefined;
}
