import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import type { AppEnvironment } from "../environment/app-environment.ts";
import { invalidConfig } from "../environment/invalid-config.ts";

/**
 * The variables that hold an app's secrets here, by name: those of this process, and what it lacks from
 * the file `.env` of its working directory. Nothing else is taken from that file.
 *
 * @throws FlyteError `invalid_config` when the file is there and cannot be read
 */
export function secretVariables({ secrets }: AppEnvironment): ReadonlyMap<string, string> {
  const names = secrets.flatMap(({ asEnvVar }) => asEnvVar ?? []);
  const found = new Map(names.flatMap((name) => entryOf(name, process.env)));
  if (names.every((name) => found.has(name))) return found;
  const file = readEnvFile(join(process.cwd(), ".env"));
  return new Map([...names.flatMap((name) => entryOf(name, file)), ...found]);
}

/**
 * The values of an app's secrets, each of which has to be there.
 *
 * @throws FlyteError `invalid_config` naming the secret that is missing and where it is looked for
 */
export function secretValues(env: AppEnvironment): readonly string[] {
  const variables = secretVariables(env);
  return env.secrets.flatMap(({ key, group, asEnvVar, mount }) => {
    const secret = group === undefined ? `"${key}"` : `"${key}" of group "${group}"`;
    if (asEnvVar !== undefined) {
      const value = variables.get(asEnvVar);
      if (value !== undefined) return [value];
      throw invalidConfig(
        `The app "${env.name}" needs the secret ${secret}: set the environment variable ${asEnvVar}, here or in the file .env.`,
      );
    }
    // Flyte's own variable for who has no such folder.
    const folder = process.env["FLYTE_SECRETS_DEFAULT_DIR"] ?? mount ?? "";
    const file = join(folder, group ?? "", key);
    if (existsSync(file)) return [];
    throw invalidConfig(
      `The app "${env.name}" needs the secret ${secret}: there is no file ${file}.`,
    );
  });
}

function entryOf(
  name: string,
  variables: Readonly<Record<string, string | undefined>>,
): readonly (readonly [string, string])[] {
  const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
  return value === undefined || value === "" ? [] : [[name, value]];
}

function readEnvFile(file: string): Readonly<Record<string, string | undefined>> {
  try {
    return parseEnv(readFileSync(file, "utf8"));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") return {};
    throw invalidConfig(
      `The file ${file}, where a secret is looked for, cannot be read (${code ?? "unknown error"}). Make it readable, or set the environment variable.`,
    );
  }
}
