import { FlyteError } from "../shared/errors.ts";

/** What an API key of Flyte holds. */
export interface ApiKeyFields {
  /** Where its control plane is; may have a scheme and a port. */
  readonly endpoint: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Empty for none. */
  readonly org: string;
}

/**
 * The API key as text: standard base64 of `endpoint:client_id:client_secret:org`.
 *
 * @throws FlyteError `invalid_input` for fields that could not be told apart again
 */
export function encodeApiKey({ endpoint, clientId, clientSecret, org }: ApiKeyFields): string {
  const rest = [clientId, clientSecret, org];
  if (endpoint === "" || clientId === "" || clientSecret === "") {
    throw new FlyteError("invalid_input", "An API key needs endpoint, client id and secret.");
  }
  if (rest.some((field) => field.includes(":")) || /\p{Cc}/u.test([endpoint, ...rest].join(""))) {
    throw new FlyteError(
      "invalid_input",
      "The client id, client secret and org of an API key hold no colons, and nothing of it control characters.",
    );
  }
  return Buffer.from([endpoint, ...rest].join(":")).toString("base64");
}

/**
 * The parts of an API key, padded or not: endpoint, client id, client secret and org. The last three
 * are split off, so that the endpoint keeps its colons. A text with fewer colons has fewer parts;
 * undefined for what is no base64 of a text with a colon, such as another kind of token.
 */
export function splitApiKey(text: string): readonly string[] | undefined {
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64").replace(/=+$/, "") !== text.replace(/=+$/, "")) return undefined;
  const decoded = toText(bytes);
  if (decoded === undefined || !decoded.includes(":")) return undefined;
  const parts = decoded.split(":");
  return parts.length < 4 ? parts : [parts.slice(0, -3).join(":"), ...parts.slice(-3)];
}

function toText(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return /\p{Cc}/u.test(text) ? undefined : text;
  } catch {
    // Not UTF-8, so not the text of a key: an opaque token that happens to use base64's letters.
    return undefined;
  }
}
