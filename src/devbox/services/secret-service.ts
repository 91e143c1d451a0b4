import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { ServiceImpl } from "@connectrpc/connect";
import {
  CreateSecretResponseSchema,
  DeleteSecretResponseSchema,
  GetSecretResponseSchema,
  ListSecretsResponseSchema,
  OverallStatus,
  type Secret,
  SecretPresenceStatus,
  SecretSchema,
  type SecretService,
  UpdateSecretResponseSchema,
} from "../../idl/secrets.ts";
import { FlyteError } from "../../shared/errors.ts";
import { type Authorizer, type Caller, callerKey } from "../auth/caller.ts";
import { describeScope } from "../secrets/find-secrets.ts";
import { seal } from "../secrets/seal.ts";
import type { Database } from "../store/database.ts";
import {
  deleteSecret,
  findSecret,
  insertSecret,
  listSecrets,
  type SecretKey,
  type SecretRow,
  type SecretScope,
  updateSecret,
} from "../store/secrets.ts";
import { allowsInProject, requireCaller, requireProject } from "./scope.ts";
import { readPage, readScope, readSecretId, readValue } from "./secret-requests.ts";

/** What the service works on. */
export interface SecretServiceOptions {
  readonly database: Database;
  readonly authorizer: Authorizer;
  /** 32 bytes that encrypt the values at rest. */
  readonly secretKey: Uint8Array;
}

/** `flyteidl2.secret.SecretService`. A value goes in and never comes out. */
export function createSecretService(
  options: SecretServiceOptions,
): ServiceImpl<typeof SecretService> {
  const { database, authorizer, secretKey } = options;

  function requireWrite(caller: Caller | undefined, { project, domain }: SecretScope): void {
    if (domain === "") authorizer.require(caller, "admin", everywhere);
    else authorizer.require(caller, "deploy", { project: project || "*", domain });
    if (project !== "") requireProject(database, project);
  }

  /** What a global secret is called may be known by whoever may read in some domain of all projects. */
  function requireRead(given: Caller | undefined, { project, domain }: SecretScope): void {
    const caller = requireCaller(given);
    if (domain === "" && allowsInProject(authorizer, caller, "read", "*")) return;
    authorizer.require(caller, "read", { project: project || "*", domain: domain || "*" });
  }

  return {
    createSecret: async ({ id, secretSpec }, context) => {
      const key = readSecretId(id);
      requireWrite(context.values.get(callerKey), key);
      const { type, bytes } = readValue(secretSpec);
      const now = Date.now();
      const sealed = seal(secretKey, key, bytes);
      const row: SecretRow = { ...key, type, sealed, created_at: now, updated_at: now };
      if (await database.write(() => insertSecret(database, row))) {
        return create(CreateSecretResponseSchema);
      }
      throw new FlyteError("conflict", `${describe(key)} already exists; update it instead`);
    },
    updateSecret: async ({ id, secretSpec }, context) => {
      const key = readSecretId(id);
      requireWrite(context.values.get(callerKey), key);
      const { type, bytes } = readValue(secretSpec);
      const row = { ...key, type, sealed: seal(secretKey, key, bytes), updated_at: Date.now() };
      if (await database.write(() => updateSecret(database, row))) {
        return create(UpdateSecretResponseSchema);
      }
      throw notFound(key);
    },
    getSecret: ({ id }, context) => {
      const key = readSecretId(id);
      requireRead(context.values.get(callerKey), key);
      const row = findSecret(database, key);
      if (row === undefined) throw notFound(key);
      return create(GetSecretResponseSchema, { secret: toSecret(row) });
    },
    listSecrets: (request, context) => {
      const scope = readScope(request);
      requireRead(context.values.get(callerKey), scope);
      const { after, limit } = readPage(request);
      const rows = listSecrets(database, scope, { after, limit: limit + 1 });
      const shown = rows.slice(0, limit);
      return create(ListSecretsResponseSchema, {
        secrets: shown.map(toSecret),
        token: rows.length > limit ? (shown.at(-1)?.name ?? "") : "",
      });
    },
    deleteSecret: async ({ id }, context) => {
      const key = readSecretId(id);
      requireWrite(context.values.get(callerKey), key);
      if (await database.write(() => deleteSecret(database, key))) {
        return create(DeleteSecretResponseSchema);
      }
      throw notFound(key);
    },
  };
}

const everywhere = { project: "*", domain: "*" } as const;

function toSecret({ project, domain, name, type, created_at }: SecretRow): Secret {
  return create(SecretSchema, {
    id: { project, domain, name },
    secretMetadata: {
      createdTime: timestampFromMs(created_at),
      type,
      secretStatus: {
        overallStatus: OverallStatus.FULLY_PRESENT,
        clusterStatus: [
          { cluster: { name: "devbox" }, presenceStatus: SecretPresenceStatus.PRESENT },
        ],
      },
    },
  });
}

function describe(key: SecretKey): string {
  return `secret ${JSON.stringify(key.name)} (${describeScope(key)})`;
}

function notFound(key: SecretKey): FlyteError {
  return new FlyteError("not_found", `${describe(key)} not found`);
}
