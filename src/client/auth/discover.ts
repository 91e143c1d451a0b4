import { FlyteError } from "../../shared/errors.ts";
import type { AuthContext } from "./auth-context.ts";

/** What a control plane says about signing in to it. */
export interface OAuthMetadata {
  readonly tokenEndpoint: string;
  readonly authorizationEndpoint: string;
  readonly deviceAuthorizationEndpoint: string;
  /** The public client of Flyte's programs. */
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  readonly audience: string;
  /** The header that carries the token, in lower case. */
  readonly headerName: string;
}

/**
 * Asks the control plane's `AuthMetadataService` how to sign in; both calls go without a
 * credential.
 *
 * @throws FlyteError `unavailable` when it does not answer, `unauthenticated` when it offers no
 * way to sign in
 */
export async function discover(context: AuthContext, signal: AbortSignal): Promise<OAuthMetadata> {
  const client = await createMetadataClient(context);
  const options = { signal, timeoutMs: 30_000 };
  try {
    const [server, program] = await Promise.all([
      client.getOAuth2Metadata({}, options),
      client.getPublicClientConfig({}, options),
    ]);
    return {
      tokenEndpoint: server.tokenEndpoint,
      authorizationEndpoint: server.authorizationEndpoint,
      deviceAuthorizationEndpoint: server.deviceAuthorizationEndpoint,
      clientId: program.clientId,
      redirectUri: program.redirectUri,
      scopes: program.scopes,
      audience: program.audience,
      headerName: toHeaderName(program.authorizationMetadataKey),
    };
  } catch (cause) {
    if (signal.aborted) throw cause;
    throw await toError(cause, context.endpoint.baseUrl);
  }
}

async function createMetadataClient({ endpoint, tls }: AuthContext) {
  const [{ createClient }, { createConnectTransport }, { AuthMetadataService }] = await Promise.all(
    [
      import("@connectrpc/connect"),
      import("@connectrpc/connect-node"),
      import("../../idl/auth.ts"),
    ],
  );
  const transport = createConnectTransport({
    baseUrl: endpoint.baseUrl,
    httpVersion: "1.1",
    readMaxBytes: 1024 * 1024,
    ...(endpoint.secure ? { nodeOptions: { ...tls } } : {}),
  });
  return createClient(AuthMetadataService, transport);
}

/**
 * The header named by `authorization_metadata_key`; `authorization` when the server names none, or
 * one that is no field name (RFC 9110) or that the protocol itself uses.
 */
export function toHeaderName(key: string): string {
  const name = key.trim().toLowerCase();
  const reserved = /^(connect-|content-|transfer-|host$|connection$|te$|upgrade$|accept)/;
  return /^[!#$%&'*+\-.^_`|~\da-z]+$/.test(name) && !reserved.test(name) ? name : "authorization";
}

/** The error where only whoever has a key is let in. */
export function noSignIn(baseUrl: string, cause?: unknown): FlyteError {
  return new FlyteError(
    "unauthenticated",
    `The control plane at ${baseUrl} offers no way to sign in. Give an API key (option apiKey or FLYTE_API_KEY).`,
    { cause },
  );
}

async function toError(cause: unknown, baseUrl: string): Promise<FlyteError> {
  const { Code, ConnectError } = await import("@connectrpc/connect");
  const { code } = ConnectError.from(cause);
  if (code === Code.Unimplemented || code === Code.NotFound || code === Code.Unauthenticated) {
    return noSignIn(baseUrl, cause);
  }
  return new FlyteError(
    "unavailable",
    `The control plane at ${baseUrl} did not say how to sign in. Check that the endpoint is one of Flyte 2 and reachable.`,
    { cause },
  );
}
