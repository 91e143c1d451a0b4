import { assertList, invalidConfig } from "../environment/invalid-config.ts";
import { Parameter, type ParameterOptions } from "./parameter.ts";

/** @throws FlyteError `invalid_config` for two of one name, and for a folder that two would fill */
export function toParameters(
  given: readonly (Parameter | ParameterOptions)[] = [],
): readonly Parameter[] {
  assertList("parameters", given);
  const parameters = given.map((parameter) =>
    parameter instanceof Parameter ? parameter : new Parameter(parameter),
  );
  const names = new Set<string>();
  const mounts = new Map<string, Parameter>();
  for (const parameter of parameters) {
    const { name, mount } = parameter;
    if (names.has(name)) throw invalidConfig(`Two parameters are named "${name}". Rename one.`);
    names.add(name);
    if (mount === undefined) continue;
    const folder = mount.replace(/(?<=.)\/+$/, "");
    const other = mounts.get(folder);
    // Files may share a folder; a directory becomes it.
    if (other !== undefined && (other.type !== "file" || parameter.type !== "file")) {
      throw invalidConfig(
        `The parameters "${other.name}" and "${name}" have the same mount "${folder}". Give one another folder.`,
      );
    }
    mounts.set(folder, parameter);
  }
  return parameters;
}
