import { FlyteError } from "../../shared/errors.ts";

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
  const decoded = decode(key);
  if (decoded === undefined || !decoded.includes(":")) return { kind: "bearer", token: key };
  return parseFields(decoded.split(":"));
}

/** The text of canonical base64, padded or not; undefined for everything else. */
function decode(key: string): string | undefined {
  const bytes = Buffer.from(key, "base64");
  if (bytes.toString("base64").replace(/=+$/, "") !== key.replace(/=+$/, "")) return undefined;
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return /\p{Cc}/u.test(text) ? undefined : text;
  } catch {
    // Not UTF-8, so not the text of a key: an opaque token that happens to use base64's letters.
    return undefined;
  }
}

function parseFields(fields: readonly string[]): ClientCredentialsKey {
  if (fields.length < 4) {
    throw refuse(
      `it holds ${fields.length} parts separated by ":" where endpoint, client id, client secret and org are expected`,
    );
  }
  const [clientId = "", clientSecret = "", org = ""] = fields.slice(-3);
  const endpoint = fields.slice(0, -3).join(":");
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
