export {
  OverallStatus,
  type Secret,
  type SecretIdentifier,
  SecretPresenceStatus,
  SecretSchema,
  type SecretSpec,
  SecretType,
} from "@flyteorg/flyteidl2/flyteidl2/secret/definition_pb.ts";
export {
  CreateSecretResponseSchema,
  DeleteSecretResponseSchema,
  GetSecretResponseSchema,
  type ListSecretsRequest,
  ListSecretsResponseSchema,
  UpdateSecretResponseSchema,
} from "@flyteorg/flyteidl2/flyteidl2/secret/payload_pb.ts";
export { SecretService } from "@flyteorg/flyteidl2/flyteidl2/secret/secret_pb.ts";
