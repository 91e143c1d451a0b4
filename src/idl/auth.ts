export {
  AuthMetadataService,
  type GetOAuth2MetadataRequest,
  GetOAuth2MetadataRequestSchema,
  type GetOAuth2MetadataResponse,
  GetOAuth2MetadataResponseSchema,
  type GetPublicClientConfigRequest,
  GetPublicClientConfigRequestSchema,
  type GetPublicClientConfigResponse,
  GetPublicClientConfigResponseSchema,
} from "@flyteorg/flyteidl2/flyteidl2/auth/auth_service_pb.ts";

export {
  IdentityService,
  type UserInfoRequest,
  UserInfoRequestSchema,
  type UserInfoResponse,
  UserInfoResponseSchema,
} from "@flyteorg/flyteidl2/flyteidl2/auth/identity_pb.ts";
