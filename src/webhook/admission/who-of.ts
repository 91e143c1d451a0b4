import type { AuthMetadata } from "../../client/auth-metadata.ts";

/** Tells callers apart that wait or are answered; it is kept no longer than that. */
export function whoOf(auth: AuthMetadata | null): string {
  if (auth === null) return "";
  // A cookie beside a token could be made up to be somebody else in each request.
  const [, token] = auth.findLast(([name]) => name === "authorization") ?? [];
  if (token === undefined) return JSON.stringify(auth);
  // Nor could another spelling of its scheme.
  return token.replace(/^\S+ +/, (scheme) => `${scheme.trim().toLowerCase()} `);
}
