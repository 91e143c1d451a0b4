import type { Authenticator } from "../options.ts";

/** Sends one fixed token, such as an API key of the devbox, with every call. */
export function bearerAuthenticator(token: string): Authenticator {
  const headers = [["authorization", `Bearer ${token}`]] as const;
  return { headers: () => headers };
}
