import { Code } from "@connectrpc/connect";
import { FlyteError } from "../../shared/errors.ts";
import type { JsonObject } from "../../shared/json.ts";
import { formatApiKey, generateApiKey, hashSecret } from "../auth/api-key.ts";
import { type AuthenticateOptions, authenticate } from "../auth/authenticate.ts";
import type { Authorizer } from "../auth/caller.ts";
import { roleNames } from "../auth/roles.ts";
import type { Database } from "../store/database.ts";
import {
  type ApiKeyRow,
  findUser,
  insertApiKey,
  insertUser,
  listApiKeys,
  putRole,
  revokeApiKey,
} from "../store/identities.ts";
import {
  closeAfter,
  headersOf,
  pathOf,
  type Request,
  type Response,
  sendJson,
} from "./node-http.ts";
import { toConnectError } from "./rpc-errors.ts";
import { readWantedKey, type WantedKey } from "./wanted-key.ts";

/** Where API keys are administered over plain HTTP with JSON. */
export const apiKeysPath = "/devbox/v1/api-keys";

/** Where keys are kept, and who may administer them. */
export interface ApiKeysEndpointOptions {
  readonly database: Database;
  readonly authorizer: Authorizer;
  readonly authentication: AuthenticateOptions;
}

interface Answer {
  readonly status: number;
  readonly body: JsonObject;
}

const statuses: Partial<Record<Code, number>> = {
  [Code.Unauthenticated]: 401,
  [Code.PermissionDenied]: 403,
  [Code.NotFound]: 404,
  [Code.InvalidArgument]: 400,
  [Code.ResourceExhausted]: 413,
  [Code.Unavailable]: 503,
};

/**
 * Lists (`GET`), creates (`POST`) and revokes (`DELETE …/ID`) API keys for callers who administer
 * the whole devbox. A key itself is in the answer to its creation and nowhere else. Failures are
 * answered like a Connect error: `{"code", "message"}`.
 */
export async function answerApiKeys(
  request: Request,
  response: Response,
  options: ApiKeysEndpointOptions,
): Promise<void> {
  try {
    const { status, body } = await answer(request, options);
    sendJson(response, status, body);
  } catch (thrown) {
    const error = toConnectError(thrown);
    if (error.code === Code.Internal) throw thrown;
    if (error.code === Code.Unauthenticated) response.setHeader("www-authenticate", "Bearer");
    if (error.code === Code.ResourceExhausted) closeAfter(request, response);
    const code = Code[error.code].replace(/(?<=[a-z])(?=[A-Z])/g, "_").toLowerCase();
    sendJson(response, statuses[error.code] ?? 500, { code, message: error.rawMessage });
  }
}

async function answer(request: Request, options: ApiKeysEndpointOptions): Promise<Answer> {
  const { database, authorizer, authentication } = options;
  const caller = authenticate(headersOf(request), authentication);
  authorizer.require(caller, "admin", { project: "*", domain: "*" });
  const id = pathOf(request).slice(apiKeysPath.length + 1);
  if (id === "" && request.method === "GET") {
    return { status: 200, body: { keys: listApiKeys(database).map(toMetadata) } };
  }
  if (id === "" && request.method === "POST") return createKey(request, database);
  if (id !== "" && request.method === "DELETE") {
    if (await database.write(() => revokeApiKey(database, id, Date.now()))) {
      return { status: 200, body: { id, revoked: true } };
    }
    throw new FlyteError("not_found", "There is no API key of this id.");
  }
  return {
    status: 405,
    body: {
      code: "unimplemented",
      message: `Use GET or POST ${apiKeysPath}, or DELETE ${apiKeysPath}/ID.`,
    },
  };
}

async function createKey(request: Request, database: Database): Promise<Answer> {
  const wanted = await readWantedKey(request);
  const key = generateApiKey();
  const now = Date.now();
  const row: ApiKeyRow = {
    id: key.id,
    secret_hash: hashSecret(key.secret),
    subject: wanted.user,
    name: wanted.name,
    created_at: now,
    expires_at: wanted.expiresInMs === undefined ? null : now + wanted.expiresInMs,
    revoked_at: null,
  };
  await database.write(() => {
    requireUser(database, wanted, now);
    insertApiKey(database, row);
  });
  const credentials = { key: formatApiKey(key), clientId: key.id, clientSecret: key.secret };
  return { status: 201, body: { ...toMetadata(row), ...credentials } };
}

/** A role makes a new user; it never changes what an existing one may do. */
function requireUser(database: Database, { user, role }: WantedKey, now: number): void {
  const exists = findUser(database, user) !== undefined;
  if (exists && role === undefined) return;
  const name = JSON.stringify(user);
  if (exists) {
    throw new FlyteError("invalid_input", `The user ${name} exists; leave the role out.`);
  }
  if (role === undefined) {
    throw new FlyteError(
      "not_found",
      `There is no user ${name}; give a role (${roleNames.join(", ")}) to create one.`,
    );
  }
  insertUser(database, { subject: user, name: user, email: "" }, now);
  putRole(database, { subject: user, project: "*", domain: "*", role });
}

function toMetadata(row: ApiKeyRow): JsonObject {
  return {
    id: row.id,
    name: row.name,
    user: row.subject,
    createdAt: toTime(row.created_at),
    expiresAt: toTime(row.expires_at),
  };
}

function toTime(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString();
}
