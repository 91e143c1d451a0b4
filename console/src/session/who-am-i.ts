import { identity } from "../control-plane/clients.ts";
import { readRoleClaims } from "./role-claims.ts";
import type { Session } from "./session.ts";

/**
 * Whom a key belongs to.
 *
 * @throws ConnectError `unauthenticated` for a key that is none
 */
export async function whoAmI(key: string | undefined, signal?: AbortSignal): Promise<Session> {
  const { subject, name, email, additionalClaims } = await identity.userInfo(
    {},
    {
      ...(key !== undefined && { headers: { authorization: `Bearer ${key}` } }),
      ...(signal !== undefined && { signal }),
    },
  );
  const roles = readRoleClaims(additionalClaims);
  return { key, subject, name: name === "" ? subject : name, email, roles };
}
