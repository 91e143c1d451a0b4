import { currentAuthMetadata } from "./auth-metadata.ts";
import type { Authenticator } from "./options.ts";

/**
 * Sends what `authMetadata` bound to the running request, and nothing where nothing is bound: the
 * control plane then decides. Holds no credential itself and never asks for a second try.
 */
export const passthroughAuthenticator: Authenticator = { headers: currentAuthMetadata };
