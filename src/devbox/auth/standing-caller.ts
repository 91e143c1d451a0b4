import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import type { ReadableHeaders } from "../server/node-http.ts";
import { type RoleRow, rolesOf } from "../store/identities.ts";
import { type AuthenticateOptions, authenticate } from "./authenticate.ts";
import { type Caller, callerKey } from "./caller.ts";

/** The caller of a call that lasts, whose rights may change meanwhile. */
export interface StandingCaller {
  /** Undefined without any credential. */
  readonly caller: Caller | undefined;
  /**
   * To be called before each message. What was checked at the beginning holds only while the credential
   * does and the caller's roles are those of then.
   *
   * @throws ConnectError `unauthenticated` when the credential was revoked or has expired; `unavailable`
   * when the roles have changed, so that the client asks anew and is answered by its present rights
   */
  check(): void;
}

/** @throws ConnectError `unauthenticated` for a bad credential */
export function standingCaller(
  headers: ReadableHeaders,
  options: AuthenticateOptions,
): StandingCaller {
  const caller = authenticate(headers, options);
  const roles = rolesAt(caller, options);
  return {
    caller,
    check() {
      const now = authenticate(headers, options);
      if (now?.subject === caller?.subject && isSame(rolesAt(now, options), roles)) return;
      throw new ConnectError(
        "Your rights were changed while this was open; ask again.",
        Code.Unavailable,
      );
    },
  };
}

/** Sets the caller of every RPC before a service sees it, and ends streams with the caller's rights. */
export function callerAuthentication(options: AuthenticateOptions): Interceptor {
  return (next) => async (request) => {
    const standing = standingCaller(request.header, options);
    request.contextValues.set(callerKey, standing.caller);
    const response = await next(request);
    if (!response.stream) return response;
    return { ...response, message: whileStanding(response.message, standing) };
  };
}

/** Messages as they come, while the rights last. */
export async function* whileStanding<Message>(
  messages: AsyncIterable<Message>,
  { check }: StandingCaller,
): AsyncGenerator<Message, void, undefined> {
  for await (const message of messages) {
    check();
    yield message;
  }
}

function rolesAt(
  caller: Caller | undefined,
  { database }: AuthenticateOptions,
): readonly RoleRow[] {
  return caller === undefined ? [] : rolesOf(database, caller.subject);
}

function isSame(now: readonly RoleRow[], before: readonly RoleRow[]): boolean {
  if (now === before) return true;
  const print = ({ project, domain, role }: RoleRow) => JSON.stringify([project, domain, role]);
  const known = new Set(before.map(print));
  return now.length === before.length && now.every((row) => known.has(print(row)));
}
