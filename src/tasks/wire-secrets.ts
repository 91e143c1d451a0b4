import { create } from "@bufbuild/protobuf";
import { type Secret, Secret_MountType, SecretSchema } from "../idl/security.ts";
import { type TaskSecret, variableOf } from "./task-secrets.ts";

/** Secrets as a task template has them. */
export function toWireSecrets(secrets: readonly TaskSecret[]): Secret[] {
  return secrets.map((secret) =>
    create(SecretSchema, {
      key: secret.key,
      group: secret.group ?? "",
      envVar: variableOf(secret) ?? "",
      mountRequirement:
        secret.mount === undefined ? Secret_MountType.ENV_VAR : Secret_MountType.FILE,
    }),
  );
}
