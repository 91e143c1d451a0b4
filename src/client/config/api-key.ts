import { FlyteError } from "../../shared/errors.ts";
import { splitApiKey } from "../../values/api-key-text.ts";

/** What an API key holds: OAuth client credentials with their control plane, or a bearer token. */
export type ApiKey = ClientCredentialsKey | BearerKey;

export interface ClientCredentialsKey {
  readonly kind: "client_credentials";
  readonly endpoint: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly org: string | undefined;
}

export interface BearerKey {
  readonly kind: "bearer";
  readonly token: string;
}

const maxLength = 16 * 1024;

/**
 * Reads an API key. Standard base64 of `endpoint:client_id:client_secret:org` gives client
 * credentials; the last three fields are split off, so that the endpoint may hold a scheme and a
 * port. An org that is empty or the word `None` counts as absent. Any other visible ASCII text is
 * a bearer token, such as the devbox's keys.
 *
 * @throws FlyteError `invalid_config` saying what is wrong without printing the key
 */
export function parseApiKey(text: string): ApiKey {
  const key = text.trim();
  if (key === "") throw refuse("it is empty");
  if (key.length > maxLength) throw refuse("it is longer than 16 KiB");
  if (!/^[\x21-\x7e]+$/.test(key)) throw refuse("it holds spaces or characters outside ASCII");
  const parts = splitApiKey(key);
  return parts === undefined ? { kind: "bearer", token: key } : toCredentials(parts);
}

function toCredentials(parts: readonly string[]): ClientCredentialsKey {
  if (parts.length < 4) {
    throw refuse(
      `it holds ${parts.length} parts separated by ":" where endpoint, client id, client secret and org are expected`,
    );
  }
  const [endpoint = "", clientId = "", clientSecret = "", org = ""] = parts;
  if (endpoint.trim() === "") throw refuse("its endpoint is empty");
  if (clientId === "") throw refuse("its client id is empty");
  if (clientSecret === "") throw refuse("its client secret is empty");
  return {
    kind: "client_credentials",
    endpoint,
    clientId,
    clientSecret,
    org: org === "" || org === "None" ? undefined : org,
  };
}

function refuse(reason: string): FlyteError {
  return new FlyteError(
    "invalid_config",
    `The API key is not valid: ${reason}. Create a new key, and copy all of it.`,
  );
}
