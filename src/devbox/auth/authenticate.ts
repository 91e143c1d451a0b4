import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import type { ReadableHeaders } from "../server/node-http.ts";
import type { Database } from "../store/database.ts";
import { findApiKey, findUser } from "../store/identities.ts";
import { parseApiKey, secretMatches } from "./api-key.ts";
import { type Caller, callerKey } from "./caller.ts";

/** What proves a credential. */
export interface AuthenticateOptions {
  readonly database: Database;
  /** Who a request without a credential comes from; undefined refuses such requests later. */
  readonly anonymous: Caller | undefined;
  /** @default Date.now */
  readonly now?: () => number;
}

/** Headers that carry a credential; `flyte-authorization` passes proxies that own the other. */
const headerNames = ["authorization", "flyte-authorization"] as const;

/**
 * The caller that the request's credential proves. Undefined without any credential, so that
 * public services stay reachable; a credential that proves nothing is never taken for none.
 *
 * @throws ConnectError `unauthenticated`, the same for every kind of bad credential
 */
export function authenticate(
  headers: ReadableHeaders,
  options: AuthenticateOptions,
): Caller | undefined {
  const given = headerNames.flatMap((name) => headers.get(name) ?? []);
  const [credential, ...others] = given;
  if (credential === undefined) return options.anonymous;
  if (others.some((other) => other !== credential)) throw badCredential();
  const [, token] = /^bearer +([\x21-\x7e]+)$/i.exec(credential) ?? [];
  const key = token === undefined ? undefined : parseApiKey(token);
  if (key === undefined) throw badCredential();
  const { database, now = Date.now } = options;
  const stored = findApiKey(database, key.id);
  // An absent key costs the same comparison as a present one.
  const matches = secretMatches(key.secret, stored?.secret_hash ?? nothing);
  if (stored === undefined || !matches) throw badCredential();
  if (stored.revoked_at !== null) throw badCredential();
  if (stored.expires_at !== null && stored.expires_at <= now()) throw badCredential();
  const user = findUser(database, stored.subject);
  if (user === undefined) throw badCredential();
  return { subject: user.subject, name: user.name, email: user.email };
}

const nothing = new Uint8Array(32);

function badCredential(): ConnectError {
  return new ConnectError(
    "The credential is not valid: it must be a Bearer API key of this devbox, not expired or revoked.",
    Code.Unauthenticated,
  );
}

/** Sets the caller of every RPC before a service sees it. */
export function callerAuthentication(options: AuthenticateOptions): Interceptor {
  return (next) => (request) => {
    request.contextValues.set(callerKey, authenticate(request.header, options));
    return next(request);
  };
}
