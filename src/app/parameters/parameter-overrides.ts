import { nearestName } from "../../shared/nearest-name.ts";
import type { AppEnvironment } from "../environment/app-environment.ts";
import { invalidConfig, show } from "../environment/invalid-config.ts";
import type { Parameter } from "./parameter.ts";
import type { ParameterValue } from "./parameter-value.ts";

type Overrides = Readonly<Record<string, Readonly<Record<string, ParameterValue>>>>;

/** The parameters of an app, with the values given for them in place of their own. */
export function withValues(
  { name, parameters }: AppEnvironment,
  overrides: Overrides = {},
): readonly Parameter[] {
  const values = Object.hasOwn(overrides, name) ? overrides[name] : undefined;
  if (values === undefined) return parameters;
  return parameters.map((parameter) => {
    const value = Object.hasOwn(values, parameter.name) ? values[parameter.name] : undefined;
    return value === undefined ? parameter : parameter.withValue(value);
  });
}

/** @throws FlyteError `invalid_config` for values of an app or a parameter that there is not */
export function assertParameterNames(
  environments: readonly AppEnvironment[],
  overrides: Overrides | undefined,
): void {
  if (overrides === undefined) return;
  assertObject("parameterValues", overrides);
  for (const [name, values] of Object.entries(overrides)) {
    const environment = environments.find((candidate) => candidate.name === name);
    if (environment === undefined) {
      const names = environments.map((candidate) => candidate.name);
      throw invalidConfig(
        `parameterValues names the app "${name}", which is not served.${nearest(name, names)}`,
      );
    }
    assertObject(`parameterValues of "${name}"`, values);
    const names = environment.parameters.map((parameter) => parameter.name);
    for (const parameter of Object.keys(values)) {
      if (names.includes(parameter)) continue;
      throw invalidConfig(
        `The app "${name}" has no parameter "${parameter}".${nearest(parameter, names)}`,
      );
    }
  }
}

function assertObject(what: string, value: unknown): void {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return;
  throw invalidConfig(
    `${what} must be an object like { "my-app": { model: "small" } }, not ${show(value)}.`,
  );
}

function nearest(name: string, names: readonly string[]): string {
  const meant = nearestName(name, names);
  return meant === undefined ? "" : ` Did you mean "${meant}"?`;
}
