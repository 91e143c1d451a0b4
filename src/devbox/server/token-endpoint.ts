import { FlyteError } from "../../shared/errors.ts";
import { formatAccessToken } from "../auth/access-token.ts";
import { type ApiKey, parseApiKey } from "../auth/api-key.ts";
import { findProvenKey } from "../auth/authenticate.ts";
import type { Database } from "../store/database.ts";
import { closeAfter, type Request, type Response, readBody, sendJson } from "./node-http.ts";
import { readClient, TokenRefusal } from "./token-request.ts";

/** Where clients exchange an API key's client id and secret for an access token. */
export const tokenPath = "/oauth2/token";

/** What tokens are made from. */
export interface TokenEndpointOptions {
  readonly database: Database;
  /** 32 bytes that prove access tokens. */
  readonly tokenKey: Uint8Array;
  /** @default Date.now */
  readonly now?: () => number;
}

const lifeMs = 3_600_000;
const maxBodyBytes = 8_192;

/**
 * Answers the client credentials grant (RFC 6749, section 4.4): a token for an hour, or until its key
 * expires. The scope is not looked at, since what a caller may do follows from their roles.
 */
export async function answerToken(
  request: Request,
  response: Response,
  options: TokenEndpointOptions,
): Promise<void> {
  try {
    const body = await readForm(request);
    sendJson(response, 200, issue(readClient(request.headers.authorization, body), options));
  } catch (error) {
    if (FlyteError.is(error) && error.code === "exhausted") {
      closeAfter(request, response);
      return sendJson(response, 413, { error: "invalid_request" });
    }
    if (!(error instanceof TokenRefusal)) throw error;
    const status = statuses[error.error] ?? 400;
    if (status === 401) response.setHeader("www-authenticate", 'Basic realm="flyte"');
    if (status === 405) response.setHeader("allow", "POST");
    const name = status === 405 ? "invalid_request" : error.error;
    sendJson(response, status, { error: name, error_description: error.message });
  }
}

const statuses: Readonly<Record<string, number>> = { invalid_client: 401, wrong_method: 405 };

async function readForm(request: Request): Promise<URLSearchParams> {
  if (request.method !== "POST") throw new TokenRefusal("wrong_method", "Use POST.");
  const type = request.headers["content-type"] ?? "";
  if (!/^application\/x-www-form-urlencoded(; ?charset=utf-8)?$/i.test(type)) {
    throw new TokenRefusal(
      "invalid_request",
      "Send the body as Content-Type: application/x-www-form-urlencoded.",
    );
  }
  return new URLSearchParams((await readBody(request, maxBodyBytes)).toString("utf8"));
}

function issue(client: ApiKey, options: TokenEndpointOptions): object {
  const { database, tokenKey, now = Date.now } = options;
  const time = now();
  // Read as a key, so that what is no id is not looked up.
  const key = parseApiKey(`fwk_${client.id}_${client.secret}`);
  const stored = key === undefined ? undefined : findProvenKey(key, { database, now: () => time });
  if (stored === undefined) {
    throw new TokenRefusal("invalid_client", "The client id or the client secret is not valid.");
  }
  const expiresAt = Math.min(time + lifeMs, stored.expires_at ?? Number.POSITIVE_INFINITY);
  const proven = { id: stored.id, secretHash: stored.secret_hash };
  return {
    access_token: formatAccessToken(tokenKey, proven, expiresAt),
    token_type: "Bearer",
    expires_in: Math.max(1, Math.floor((expiresAt - time) / 1000)),
  };
}
