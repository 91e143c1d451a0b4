import { createHash, randomBytes } from "node:crypto";
import type { AuthContext } from "./auth-context.ts";
import { discover, noSignIn, type OAuthMetadata } from "./discover.ts";
import { openBrowser } from "./open-browser.ts";
import { assertInteractive, type PublicClientOptions, renewToken } from "./public-client.ts";
import { listenForCode } from "./redirect-listener.ts";
import { requestToken } from "./request-token.ts";
import { toSafeUrl } from "./safe-url.ts";
import type { Token } from "./token.ts";
import type { TokenSource } from "./token-authenticator.ts";

const timeoutMs = 5 * 60_000;

/**
 * Signs a person in through the browser (RFC 7636 and RFC 8252), when a call is refused: a
 * listener on this machine waits for the code, which is then exchanged for a token.
 */
export function createPkceSource(options: PublicClientOptions, context: AuthContext): TokenSource {
  let metadata: OAuthMetadata | undefined;
  return {
    headerName: () => metadata?.headerName ?? "authorization",
    async getToken({ previous, refused, signal }) {
      if (previous === undefined && !refused) return undefined;
      metadata ??= await discover(context, signal);
      const clientId = options.clientId ?? metadata.clientId;
      const renewed = await renewToken(previous, metadata, clientId, context, signal);
      if (renewed !== undefined || !refused) return renewed;
      assertInteractive(context);
      // Such as the devbox, which gives tokens to programs alone.
      if (metadata.authorizationEndpoint === "") throw noSignIn(context.endpoint.baseUrl);
      const scopes = options.scopes ?? metadata.scopes;
      return signIn({ ...metadata, clientId, scopes }, context, signal);
    },
  };
}

async function signIn(
  metadata: OAuthMetadata,
  context: AuthContext,
  signal: AbortSignal,
): Promise<Token> {
  const verifier = randomBytes(48).toString("base64url");
  const state = randomBytes(32).toString("base64url");
  const page = toSafeUrl(metadata.authorizationEndpoint, "authorization endpoint");
  const { clientId, redirectUri, audience, scopes } = metadata;
  const parameters: Record<string, string> = {
    client_id: clientId,
    response_type: "code",
    scope: scopes.join(" "),
    redirect_uri: redirectUri,
    state,
    ...(audience === "" ? {} : { audience }),
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
  };
  for (const [name, value] of Object.entries(parameters)) page.searchParams.set(name, value);

  const limited = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const code = await listenForCode(redirectUri, state, limited, () => {
    context.notify(`To sign in, open ${page.href}`);
    (context.openBrowser ?? openBrowser)(page, limited);
  });
  return requestToken(metadata.tokenEndpoint, context, {
    form: {
      grant_type: "authorization_code",
      code,
      code_verifier: verifier,
      client_id: clientId,
      redirect_uri: redirectUri,
    },
    signal,
  });
}
