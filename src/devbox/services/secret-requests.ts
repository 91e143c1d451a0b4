import {
  type ListSecretsRequest,
  type SecretIdentifier,
  type SecretSpec,
  SecretType,
} from "../../idl/secrets.ts";
import { FlyteError } from "../../shared/errors.ts";
import { secretName } from "../secrets/find-secrets.ts";
import type { SecretKey, SecretScope } from "../store/secrets.ts";
import { required, requiredText } from "./scope.ts";

const maxValueBytes = 1024 * 1024;
const defaultLimit = 50;
const maxLimit = 200;

/** The secret that a request names. @throws FlyteError `invalid_input` */
export function readSecretId(id: SecretIdentifier | undefined): SecretKey {
  const { name, project, domain } = required(id, "id");
  if (!secretName.test(required(name, "id.name"))) {
    throw new FlyteError(
      "invalid_input",
      "id.name must have 1 to 253 letters, digits, dashes and underscores",
    );
  }
  return { ...readScope({ project, domain }), name };
}

/** The scope of a request: global, a domain, or a project with its domain. @throws FlyteError `invalid_input` */
export function readScope({ project, domain }: SecretScope): SecretScope {
  if (project !== "" && domain === "") {
    throw new FlyteError(
      "invalid_input",
      "a secret of a project needs its domain too; give both, the domain alone, or neither",
    );
  }
  return {
    project: project === "" ? "" : requiredText(project, "project", 63),
    domain: domain === "" ? "" : requiredText(domain, "domain", 63),
  };
}

/** The value of a request, not empty and at most 1 MiB. @throws FlyteError `invalid_input` */
export function readValue(spec: SecretSpec | undefined): {
  readonly type: SecretType;
  readonly bytes: Uint8Array;
} {
  const { value, type } = required(spec, "secret_spec");
  if (value.case === undefined) {
    throw new FlyteError("invalid_input", "secret_spec needs a string_value or a binary_value");
  }
  if (!(type in SecretType)) {
    throw new FlyteError("invalid_input", `secret_spec.type ${type} is not known`);
  }
  const bytes = value.case === "stringValue" ? Buffer.from(value.value) : value.value;
  if (bytes.length > 0 && bytes.length <= maxValueBytes) return { type, bytes };
  throw new FlyteError(
    "invalid_input",
    `the value has ${bytes.length} bytes; it must have at least one and at most ${maxValueBytes}`,
  );
}

/** Which part of a list is asked for; the token is the last name of the part before. */
export function readPage({ limit, token }: Pick<ListSecretsRequest, "limit" | "token">): {
  readonly after: string;
  readonly limit: number;
} {
  if (token !== "" && !secretName.test(token)) {
    throw new FlyteError("invalid_input", "the token is not one of an earlier answer");
  }
  if (limit < 0 || limit > maxLimit) {
    throw new FlyteError("invalid_input", `limit ${limit} must be from 0 to ${maxLimit}`);
  }
  return { after: token, limit: limit === 0 ? defaultLimit : limit };
}
