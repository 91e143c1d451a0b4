export { SecretService } from "@flyteorg/flyteidl2/flyteidl2/secret/secret_pb.ts";
