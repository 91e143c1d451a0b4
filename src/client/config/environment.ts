import { FlyteError } from "../../shared/errors.ts";
import { type Settings, settingNames, settings } from "./settings.ts";

/** The variables of a process, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A variable's text without surrounding space; empty counts as not set. */
export function readVariable(env: Environment, name: string): string | undefined {
  const text = env[name]?.trim();
  return text === "" ? undefined : text;
}

/** The first variable of `names` that is set, with its name. */
export function firstVariable(
  env: Environment,
  names: readonly string[],
): { readonly name: string; readonly text: string } | undefined {
  for (const name of names) {
    const text = readVariable(env, name);
    if (text !== undefined) return { name, text };
  }
  return undefined;
}

/**
 * Every setting the environment gives, typed.
 *
 * @throws FlyteError `invalid_config` naming the variable and what it may hold, never its value
 */
export function readEnvironment(env: Environment): Settings {
  const found: Record<string, unknown> = {};
  for (const name of settingNames) {
    const variable = firstVariable(env, settings[name].env);
    if (variable === undefined) continue;
    const { kind } = settings[name];
    const value = kind.readText(variable.text);
    if (value === undefined) {
      throw new FlyteError(
        "invalid_config",
        `Environment variable ${variable.name} is not valid: expected ${kind.expected}. Correct it or unset it.`,
      );
    }
    found[name] = value;
  }
  // Each value was made by the kind that the table names for it.
  return found as Settings;
}
