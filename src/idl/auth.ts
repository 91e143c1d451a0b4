export {
  AuthMetadataService,
  GetOAuth2MetadataResponseSchema,
  GetPublicClientConfigResponseSchema,
} from "@flyteorg/flyteidl2/flyteidl2/auth/auth_service_pb.ts";

export {
  IdentityService,
  UserInfoRequestSchema,
  type UserInfoResponse,
  UserInfoResponseSchema,
} from "@flyteorg/flyteidl2/flyteidl2/auth/identity_pb.ts";
