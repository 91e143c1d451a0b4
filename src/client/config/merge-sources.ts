import { FlyteError } from "../../shared/errors.ts";
import { type Settings, settingNames, settings } from "./settings.ts";
import { isSameHost, type Source, type Sources } from "./sources.ts";

/**
 * One value for each setting: what is given wins over the environment, the environment over the
 * file. The endpoint and org inside an API key stand just below those named beside it.
 *
 * Credentials stay with the control plane they were configured for: the file's `admin` and
 * `console` sections do not apply to another endpoint than its own, and client credentials from the environment
 * are not sent to an endpoint given in code.
 *
 * @throws FlyteError `invalid_config` when key and endpoint do not belong together
 */
export function mergeSources({ sources }: Pick<Sources, "sources">): Settings {
  const [given, environment, file] = sources;
  assertOwnKey(given, environment);
  const strong = merge([spread(given), spread(environment)]);
  return merge([
    strong,
    belongsTo(strong.endpoint, file) ? file.settings : withoutConnection(file),
  ]);
}

/** Whether the file's `admin` and `console` sections are about this endpoint. */
export function belongsTo(endpoint: string | undefined, file: Source): boolean {
  const own = file.settings.endpoint;
  return endpoint === undefined || own === undefined || isSameHost(endpoint, own);
}

function assertOwnKey(given: Source, environment: Source): void {
  const key = environment.apiKey;
  const { endpoint } = given.settings;
  if (given.apiKey !== undefined || key?.kind !== "client_credentials") return;
  if (endpoint === undefined || isSameHost(endpoint, key.endpoint)) return;
  throw new FlyteError(
    "invalid_config",
    `The API key in the environment belongs to ${key.endpoint}, not to the endpoint ${endpoint}. Unset the variable, or give the key as apiKey.`,
  );
}

/** A source's settings with what its API key adds. */
function spread({ settings: own, apiKey }: Source): Settings {
  if (apiKey?.kind !== "client_credentials") return own;
  const { endpoint, org } = apiKey;
  return merge([own, org === undefined ? { endpoint } : { endpoint, org }]);
}

function merge(layers: readonly Settings[]): Settings {
  const merged: Record<string, unknown> = {};
  for (const name of settingNames) {
    const value = layers.find((layer) => layer[name] !== undefined)?.[name];
    if (value !== undefined) merged[name] = value;
  }
  // Every value is copied under its own name from something of this type.
  return merged as Settings;
}

function withoutConnection(file: Source): Settings {
  const rest: Record<string, unknown> = {};
  for (const name of settingNames) {
    if (!/^(admin|console)\./.test(settings[name].key)) rest[name] = file.settings[name];
  }
  // As above: a part of the same settings.
  return rest as Settings;
}
