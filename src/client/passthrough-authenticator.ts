import { currentAuthMetadata } from "./auth-metadata.ts";
import type { Authenticator } from "./options.ts";

/**
 * Sends what `authMetadata` bound to the running request, and nothing where nothing is bound: the
 * control plane then decides. Holds no credential itself and never asks for a second try.
 */
export const passthroughAuthenticator: Authenticator = { headers: currentAuthMetadata };

const passthrough = new WeakSet<Authenticator>([passthroughAuthenticator]);

/** Remembers that an authenticator is the one above, with something round it. */
export function asPassthrough(authenticator: Authenticator): Authenticator {
  passthrough.add(authenticator);
  return authenticator;
}

/** Whether it sends what callers bring, and holds no credential that could be anybody's. */
export function isPassthrough(authenticator: Authenticator): boolean {
  return passthrough.has(authenticator);
}
