import type { ApiKey } from "../auth/api-key.ts";

/** Why no token is given, in the words of RFC 6749, section 5.2. */
export class TokenRefusal extends Error {
  readonly error: string;

  constructor(error: string, message: string) {
    super(message);
    this.error = error;
  }
}

/**
 * The client of a token request: its id and secret in the `authorization` header or in the form.
 *
 * @throws TokenRefusal for another grant, for fields given twice and for none or two clients
 */
export function readClient(authorization: string | undefined, form: URLSearchParams): ApiKey {
  for (const name of new Set(form.keys())) {
    if (form.getAll(name).length > 1) {
      throw new TokenRefusal("invalid_request", "A field of the form is given twice.");
    }
  }
  const grant = form.get("grant_type") ?? "";
  if (grant !== "client_credentials") {
    throw new TokenRefusal(
      grant === "" ? "invalid_request" : "unsupported_grant_type",
      "The grant_type must be client_credentials.",
    );
  }
  const formSecret = form.get("client_secret");
  if (authorization === undefined) {
    return { id: form.get("client_id") ?? "", secret: formSecret ?? "" };
  }
  const client = readBasic(authorization);
  const formId = form.get("client_id");
  if (formSecret !== null || (formId !== null && formId !== client.id)) {
    throw new TokenRefusal(
      "invalid_request",
      "The client is given both in the authorization header and in the form.",
    );
  }
  return client;
}

/** Both parts are form-encoded in it (RFC 6749, section 2.3.1). */
function readBasic(authorization: string): ApiKey {
  const [, credentials] = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization) ?? [];
  const text = Buffer.from(credentials ?? "", "base64").toString("utf8");
  const colon = text.indexOf(":");
  if (colon < 0) {
    throw new TokenRefusal("invalid_client", "The authorization header is not one of Basic.");
  }
  return { id: decode(text.slice(0, colon)), secret: decode(text.slice(colon + 1)) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    // No such encoding, hence no secret that was ever given out.
    return "";
  }
}
