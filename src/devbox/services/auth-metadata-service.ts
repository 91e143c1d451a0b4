import { create } from "@bufbuild/protobuf";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import {
  type AuthMetadataService,
  GetOAuth2MetadataResponseSchema,
  GetPublicClientConfigResponseSchema,
} from "../../idl/auth.ts";
import { tokenPath } from "../server/token-endpoint.ts";

/** What the service tells of. */
export interface AuthMetadataServiceOptions {
  /** Origin at which the caller reaches the devbox. */
  readonly baseUrl: (context: HandlerContext) => string;
}

/**
 * `flyteidl2.auth.AuthMetadataService`, open to everyone: tells clients in which header a credential
 * goes and where the client id and secret of an API key are exchanged for a token. There is no other
 * way to sign in, so no address for one.
 */
export function createAuthMetadataService({
  baseUrl,
}: AuthMetadataServiceOptions): ServiceImpl<typeof AuthMetadataService> {
  return {
    getPublicClientConfig: () =>
      create(GetPublicClientConfigResponseSchema, {
        clientId: "flyte-webhook",
        authorizationMetadataKey: "authorization",
      }),
    getOAuth2Metadata: (_, context) => {
      const issuer = baseUrl(context);
      return create(GetOAuth2MetadataResponseSchema, {
        issuer,
        tokenEndpoint: issuer + tokenPath,
        grantTypesSupported: ["client_credentials"],
        tokenEndpointAuthMethodsSupported: ["client_secret_basic", "client_secret_post"],
      });
    },
  };
}
