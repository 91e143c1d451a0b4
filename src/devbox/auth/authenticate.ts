import { Code, ConnectError } from "@connectrpc/connect";
import { isTerminal, toPhase } from "../../values/phases.ts";
import type { ReadableHeaders } from "../server/node-http.ts";
import { findActionById } from "../store/actions.ts";
import type { Database } from "../store/database.ts";
import { type ApiKeyRow, findApiKey, findUser } from "../store/identities.ts";
import { parseAccessToken, tokenMatches } from "./access-token.ts";
import { type ApiKey, parseApiKey, secretMatches } from "./api-key.ts";
import { type AttemptToken, attemptTokenMatches, parseAttemptToken } from "./attempt-token.ts";
import type { Caller } from "./caller.ts";

/** What proves a credential. */
export interface AuthenticateOptions {
  readonly database: Database;
  /** Who a request without a credential comes from; undefined refuses such requests later. */
  readonly anonymous: Caller | undefined;
  /** 32 bytes that prove access tokens. @default none is taken */
  readonly tokenKey?: Uint8Array;
  /** 32 bytes that prove tokens of attempts. @default none is taken */
  readonly attemptKey?: Uint8Array;
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
  const attempt = token === undefined ? undefined : parseAttemptToken(token);
  if (attempt !== undefined) return provenAttempt(attempt, options);
  const stored = token === undefined ? undefined : provenKey(token, options);
  const user = stored === undefined ? undefined : findUser(options.database, stored.subject);
  if (user === undefined) throw badCredential();
  return { subject: user.subject, name: user.name, email: user.email };
}

/** The owner of the run, who may touch nothing but the run; while the attempt goes on. */
function provenAttempt(token: AttemptToken, { database, attemptKey }: AuthenticateOptions): Caller {
  if (attemptKey === undefined || !attemptTokenMatches(attemptKey, token)) throw badCredential();
  const row = findActionById(database, token.action);
  const phase = row === undefined ? undefined : toPhase(row.phase);
  // An attempt has begun a moment before that is noted.
  const isCurrent = row?.attempts === token.attempt || row?.attempts === token.attempt - 1;
  const user = row === undefined ? undefined : findUser(database, row.owner);
  if (row === undefined || phase === undefined || isTerminal(phase) || !isCurrent || !user) {
    throw badCredential();
  }
  const { subject, name, email } = user;
  const { project, domain, run } = row;
  return { subject, name, email, onlyRun: { project, domain, run } };
}

/** The API key behind a bearer token, which is the key itself or an access token got with it. */
function provenKey(token: string, options: AuthenticateOptions): ApiKeyRow | undefined {
  const key = parseApiKey(token);
  if (key !== undefined) return findProvenKey(key, options);
  const access = parseAccessToken(token);
  const { database, tokenKey, now = Date.now } = options;
  if (access === undefined || tokenKey === undefined) return undefined;
  const stored = findApiKey(database, access.keyId);
  const matches = tokenMatches(tokenKey, access, stored?.secret_hash ?? nothing);
  if (stored === undefined || !matches || access.expiresAt <= now()) return undefined;
  return isInForce(stored, now()) ? stored : undefined;
}

/** The stored key that this one proves, unless it is revoked or has expired. */
export function findProvenKey(
  key: ApiKey,
  { database, now = Date.now }: Pick<AuthenticateOptions, "database" | "now">,
): ApiKeyRow | undefined {
  const stored = findApiKey(database, key.id);
  // An absent key costs the same comparison as a present one.
  const matches = secretMatches(key.secret, stored?.secret_hash ?? nothing);
  return stored !== undefined && matches && isInForce(stored, now()) ? stored : undefined;
}

function isInForce({ revoked_at, expires_at }: ApiKeyRow, now: number): boolean {
  return revoked_at === null && (expires_at === null || expires_at > now);
}

const nothing = new Uint8Array(32);

function badCredential(): ConnectError {
  return new ConnectError(
    "The credential is not valid: it must be a Bearer API key of this devbox, or a token got with one, not expired or revoked.",
    Code.Unauthenticated,
  );
}
