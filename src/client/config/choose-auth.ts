import { FlyteError } from "../../shared/errors.ts";
import type { AuthType } from "../auth/auth-type.ts";
import { belongsTo, mergeSources } from "./merge-sources.ts";
import type { Settings } from "./settings.ts";
import type { Source, Sources } from "./sources.ts";

/** How the control plane's own credential is got, with all that it needs. */
export type AuthChoice =
  | { readonly type: "Bearer"; readonly token: string }
  | {
      readonly type: "ClientSecret";
      readonly clientId: string;
      readonly secret: SecretSource;
      readonly scopes: readonly string[] | undefined;
    }
  | { readonly type: "ExternalCommand"; readonly command: readonly string[] }
  | {
      readonly type: "Pkce" | "DeviceFlow";
      readonly clientId: string | undefined;
      readonly scopes: readonly string[] | undefined;
    }
  | { readonly type: "Passthrough" };

/** Where a client secret is: here, in a variable, or in a file. */
export type SecretSource =
  | { readonly value: string }
  | { readonly variable: string }
  | { readonly file: string };

/**
 * Chooses the credential: the strongest source that names one decides its type, by an API key, an
 * `authType`, a client secret or a command in this order; without any it is `Pkce`. What the type
 * needs besides, such as the client id, is merged from all sources.
 *
 * @throws FlyteError `invalid_config` naming what is missing
 */
export function chooseAuth(all: Pick<Sources, "sources">): AuthChoice {
  const merged = mergeSources(all);
  const [given, environment, file] = all.sources;
  const sources = [given, environment, ...(belongsTo(merged.endpoint, file) ? [file] : [])];
  const choice = firstOf(sources, chooseType) ?? "Pkce";
  return typeof choice === "string"
    ? complete(choice, merged, firstOf(sources, findSecret))
    : choice;
}

function firstOf<Found>(
  sources: readonly Source[],
  find: (source: Source) => Found | undefined,
): Found | undefined {
  for (const source of sources) {
    const found = find(source);
    if (found !== undefined) return found;
  }
  return undefined;
}

function chooseType({ settings, apiKey, clientSecret }: Source): AuthType | AuthChoice | undefined {
  if (apiKey?.kind === "bearer") return { type: "Bearer", token: apiKey.token };
  if (apiKey !== undefined) {
    const secret = { value: apiKey.clientSecret };
    return { type: "ClientSecret", clientId: apiKey.clientId, secret, scopes: settings.scopes };
  }
  const { authType, clientSecretFile, clientSecretVariable, command } = settings;
  if (authType === "Passthrough") return "Passthrough";
  // Flyte's own rule: a configured secret means that it is to be used.
  if (clientSecret ?? clientSecretVariable ?? clientSecretFile) return "ClientSecret";
  return authType ?? (command === undefined ? undefined : "ExternalCommand");
}

function complete(
  type: AuthType,
  settings: Settings,
  secret: SecretSource | undefined,
): AuthChoice {
  const { clientId, scopes, command } = settings;
  switch (type) {
    case "Passthrough":
      return { type };
    case "ExternalCommand":
      if (command !== undefined) return { type, command };
      throw incomplete(type, "a command", "command (admin.command)");
    case "ClientSecret":
      if (clientId === undefined)
        throw incomplete(type, "a client id", "clientId (admin.clientId)");
      if (secret !== undefined) return { type, clientId, secret, scopes };
      throw incomplete(
        type,
        "a client secret",
        "clientSecret (admin.clientSecretEnvVar or admin.clientSecretLocation)",
      );
    default:
      return { type, clientId, scopes };
  }
}

/** Within one source the variable wins over the file. */
function findSecret({ settings, clientSecret }: Source): SecretSource | undefined {
  if (clientSecret !== undefined) return { value: clientSecret };
  const { clientSecretVariable: variable, clientSecretFile: file } = settings;
  if (variable !== undefined) return { variable };
  return file === undefined ? undefined : { file };
}

function incomplete(type: AuthType, what: string, where: string): FlyteError {
  return new FlyteError("invalid_config", `authType ${type} needs ${what}. Give ${where}.`);
}
