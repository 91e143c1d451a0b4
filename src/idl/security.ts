export {
  type Secret,
  Secret_MountType,
  SecretSchema,
} from "@flyteorg/flyteidl2/flyteidl2/core/security_pb.ts";
