import type { AuthContext } from "./auth-context.ts";
import { discover, type OAuthMetadata } from "./discover.ts";
import { requestToken } from "./request-token.ts";
import type { TokenSource } from "./token-authenticator.ts";

export interface ClientSecretOptions {
  readonly clientId: string;
  /** Reads the secret; asked for each token, so that a rotated secret is taken up. */
  readonly readSecret: () => Promise<string>;
  /** @default the scopes the control plane names */
  readonly scopes?: readonly string[] | undefined;
}

/** Gets tokens by OAuth's client credentials grant (RFC 6749 section 4.4). */
export function createClientSecretSource(
  options: ClientSecretOptions,
  context: AuthContext,
): TokenSource {
  let metadata: OAuthMetadata | undefined;
  return {
    headerName: () => metadata?.headerName ?? "authorization",
    async getToken({ signal }) {
      metadata ??= await discover(context, signal);
      const scopes = options.scopes ?? metadata.scopes;
      return requestToken(metadata.tokenEndpoint, context, {
        form: {
          grant_type: "client_credentials",
          scope: scopes.join(" "),
          audience: metadata.audience,
        },
        authorization: toBasic(options.clientId, await options.readSecret()),
        signal,
      });
    },
  };
}

/**
 * Basic credentials as Flyte's clients send them: the secret is form-encoded as RFC 6749 section
 * 2.3.1 asks, the client id is not, because providers of Flyte compare it as it stands.
 */
function toBasic(clientId: string, secret: string): string {
  const encoded = new URLSearchParams([["", secret]]).toString().slice(1);
  return `Basic ${Buffer.from(`${clientId}:${encoded}`).toString("base64")}`;
}
