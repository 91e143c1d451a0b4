import type { AuthMetadata } from "../../client/auth-metadata.ts";

/** Tells callers in the queue apart; it is kept no longer than they wait. */
export function whoOf(auth: AuthMetadata | null): string {
  if (auth === null) return "";
  const sent = new Map(auth);
  // A cookie beside a token could be made up to be somebody else in each request.
  const token = sent.get("authorization");
  return token === undefined ? JSON.stringify(auth) : `authorization ${token}`;
}
