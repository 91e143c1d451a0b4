import { create } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import { type AuthMetadataService, GetPublicClientConfigResponseSchema } from "../../idl/auth.ts";
import { FlyteError } from "../../shared/errors.ts";

/**
 * `flyteidl2.auth.AuthMetadataService`, open to everyone: tells clients in which header an API
 * key goes. There is no OAuth server, so its metadata is unimplemented, as on a real control plane
 * without an identity provider.
 */
export function createAuthMetadataService(): ServiceImpl<typeof AuthMetadataService> {
  return {
    getPublicClientConfig: () =>
      create(GetPublicClientConfigResponseSchema, {
        clientId: "flyte-webhook",
        authorizationMetadataKey: "authorization",
      }),
    getOAuth2Metadata: () => {
      throw new FlyteError(
        "unimplemented",
        "The devbox has no OAuth server; use an API key of the devbox.",
      );
    },
  };
}
