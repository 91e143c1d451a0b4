import { FlyteError } from "../../shared/errors.ts";
import type { AuthContext } from "./auth-context.ts";
import type { OAuthMetadata } from "./discover.ts";
import { postForm } from "./post-form.ts";
import { toToken } from "./request-token.ts";
import type { Token } from "./token.ts";

/** How a person signs in: as which program, and for what. */
export interface PublicClientOptions {
  /** @default the public client the control plane names */
  readonly clientId?: string | undefined;
  /** @default the scopes the control plane names */
  readonly scopes?: readonly string[] | undefined;
}

/**
 * Gets the next token by the refresh token of the previous one (RFC 6749 section 6); undefined
 * when there is none or the provider does not take it any more.
 */
export async function renewToken(
  previous: Token | undefined,
  metadata: OAuthMetadata,
  clientId: string,
  context: AuthContext,
  signal: AbortSignal,
): Promise<Token | undefined> {
  const refreshToken = previous?.refreshToken;
  if (refreshToken === undefined) return undefined;
  const answer = await postForm(metadata.tokenEndpoint, context, {
    what: "token endpoint",
    form: { grant_type: "refresh_token", refresh_token: refreshToken, client_id: clientId },
    signal,
  });
  if (!answer.ok) return undefined;
  // A provider that does not rotate refresh tokens leaves the old one in use.
  return { refreshToken, ...toToken(answer.fields, context.now()) };
}

/** @throws FlyteError `unauthenticated` when nobody is there who could sign in */
export function assertInteractive(context: AuthContext): void {
  if (context.interactive) return;
  throw new FlyteError(
    "unauthenticated",
    `The control plane at ${context.endpoint.baseUrl} asks for a credential. Give an API key (option apiKey or FLYTE_API_KEY), set authType ClientSecret or ExternalCommand, or sign in from a terminal.`,
  );
}
