import { toCredentialHeaders } from "../../client/credential-headers.ts";
import type { Call } from "../call.ts";
import { isConfidential } from "./app-address.ts";

export interface AppCredential {
  readonly headers: Readonly<Record<string, string>>;
  /** Why there are none; undefined when there are. */
  readonly withheld: string | undefined;
}

/**
 * The caller's credential headers for an app: only one that the operator listed may get them, and
 * only where nobody can read them on the way.
 */
export function toAppCredential({ auth, options }: Call, url: URL): AppCredential {
  if (!options.appsListed) {
    return withhold("Credentials go to apps that the appAllowlist of this webhook names, only.");
  }
  if (!isConfidential(url)) {
    return withhold("Credentials are not sent to apps at http:// addresses of other machines.");
  }
  const flat = toCredentialHeaders(auth ?? undefined);
  const names = flat.filter((_, index) => index % 2 === 0);
  const pairs = names.map((name, index) => [name, flat[index * 2 + 1] ?? ""] as const);
  return { headers: Object.fromEntries(pairs), withheld: undefined };
}

function withhold(withheld: string): AppCredential {
  return { headers: {}, withheld };
}
