import { FlyteError } from "../../shared/errors.ts";
import { parseEndpoint } from "../endpoint.ts";
import { type ApiKey, parseApiKey } from "./api-key.ts";
import { firstVariable, readEnvironment } from "./environment.ts";
import type { Surroundings } from "./find-config-file.ts";
import { readConfigFile } from "./read-config-file.ts";
import { apiKeyVariables, type Settings } from "./settings.ts";

/** What one source of configuration says. */
export interface Source {
  readonly settings: Settings;
  readonly apiKey?: ApiKey | undefined;
  readonly clientSecret?: string | undefined;
}

/** What a program says in its own code: the strongest source. */
export interface GivenSettings extends Settings {
  readonly apiKey?: string | undefined;
  readonly clientSecret?: string | undefined;
}

/** All sources, the strongest first, and what there is to tell about them. */
export interface Sources {
  readonly sources: readonly [given: Source, environment: Source, file: Source];
  readonly configFile: string | undefined;
  readonly notices: readonly string[];
}

export interface ReadSourcesOptions {
  /** The file to read, or false to read none. @default the first one in Flyte's search order */
  readonly configFile?: string | false | undefined;
  /** Whether API keys in the environment count. @default true */
  readonly apiKeys?: boolean;
}

/**
 * Reads all that is configured: what is given, the environment, the file.
 *
 * @throws FlyteError `invalid_config` for values, keys and files that are not valid
 */
export async function readSources(
  { apiKey, clientSecret, ...settings }: GivenSettings,
  surroundings: Surroundings,
  { configFile, apiKeys = true }: ReadSourcesOptions = {},
): Promise<Sources> {
  const given: Source = {
    settings,
    clientSecret,
    apiKey: apiKey === undefined ? undefined : parseApiKey(apiKey),
  };
  const environment: Source = {
    settings: readEnvironment(surroundings.env),
    apiKey: apiKeys ? readKey(surroundings) : undefined,
  };
  const file = configFile === false ? undefined : await readConfigFile(surroundings, configFile);
  return {
    sources: [given, environment, { settings: file?.settings ?? {} }],
    configFile: file?.path,
    notices: file?.notices ?? [],
  };
}

function readKey({ env }: Surroundings): ApiKey | undefined {
  const variable = firstVariable(env, apiKeyVariables);
  if (variable === undefined) return undefined;
  try {
    return parseApiKey(variable.text);
  } catch (error) {
    if (!FlyteError.is(error)) throw error;
    throw new FlyteError(error.code, `${variable.name}: ${error.message}`, { cause: error });
  }
}

/** Whether two endpoints, in any of their forms, lead to the same host and port. */
export function isSameHost(left: string, right: string): boolean {
  return parseEndpoint(left).host === parseEndpoint(right).host;
}
