import { Code } from "@connectrpc/connect";
import { parseDuration } from "../../shared/duration.ts";
import { FlyteError } from "../../shared/errors.ts";
import { isJsonObject, type JsonObject, ownValue, parseJson } from "../../shared/json.ts";
import { formatApiKey, generateApiKey, hashSecret } from "../auth/api-key.ts";
import { type AuthenticateOptions, authenticate } from "../auth/authenticate.ts";
import type { Authorizer } from "../auth/caller.ts";
import type { Database } from "../store/database.ts";
import {
  type ApiKeyRow,
  findUser,
  insertApiKey,
  listApiKeys,
  revokeApiKey,
} from "../store/identities.ts";
import {
  closeAfter,
  pathOf,
  type Request,
  type Response,
  readBody,
  sendJson,
} from "./node-http.ts";
import { toConnectError } from "./rpc-errors.ts";

/** Where API keys are administered over plain HTTP with JSON. */
export const apiKeysPath = "/devbox/v1/api-keys";

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
    return { status: 200, body: { apiKeys: listApiKeys(database).map(toMetadata) } };
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
  const wanted = await readWanted(request);
  const user = findUser(database, wanted.user);
  if (user === undefined) {
    throw new FlyteError("not_found", `There is no user ${JSON.stringify(wanted.user)}.`);
  }
  const key = generateApiKey();
  const now = Date.now();
  const row: ApiKeyRow = {
    id: key.id,
    secret_hash: hashSecret(key.secret),
    subject: user.subject,
    name: wanted.name,
    created_at: now,
    expires_at: wanted.expiresInMs === undefined ? null : now + wanted.expiresInMs,
    revoked_at: null,
  };
  await database.write(() => insertApiKey(database, row));
  return { status: 201, body: { ...toMetadata(row), key: formatApiKey(key) } };
}

interface WantedKey {
  readonly name: string;
  readonly user: string;
  readonly expiresInMs: number | undefined;
}

async function readWanted(request: Request): Promise<WantedKey> {
  const type = request.headers["content-type"] ?? "";
  if (!/^application\/json(; ?charset=utf-8)?$/i.test(type)) {
    throw new FlyteError("invalid_input", "Send the body as Content-Type: application/json.");
  }
  const body = parseJson((await readBody(request, 16_384)).toString("utf8"));
  if (!isJsonObject(body)) throw new FlyteError("invalid_input", "The body must be an object.");
  const unknown = Object.keys(body).find((key) => !["name", "user", "expiresIn"].includes(key));
  if (unknown !== undefined) {
    throw new FlyteError("invalid_input", `${JSON.stringify(unknown)} is not a field of a key.`);
  }
  return {
    name: readText(body, "name"),
    user: readText(body, "user"),
    expiresInMs: readExpiry(body),
  };
}

function readText(body: JsonObject, field: string): string {
  const value = ownValue(body, field);
  if (typeof value === "string" && /^[^\p{Cc}]{1,100}$/u.test(value)) return value;
  throw new FlyteError("invalid_input", `${field} must be a text of 1 to 100 characters.`);
}

function readExpiry(body: JsonObject): number | undefined {
  const value = ownValue(body, "expiresIn");
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string" && typeof value !== "number") {
    throw new FlyteError("invalid_input", 'expiresIn must be a duration such as "30d" or "12h".');
  }
  const expiresInMs = Math.round(parseDuration(value));
  if (expiresInMs > 0 && expiresInMs <= 10 * 365 * 86_400_000) return expiresInMs;
  throw new FlyteError("invalid_input", "expiresIn must be more than nothing, at most ten years.");
}

function toMetadata(row: ApiKeyRow): JsonObject {
  return {
    id: row.id,
    name: row.name,
    user: row.subject,
    createdAt: toTime(row.created_at),
    expiresAt: toTime(row.expires_at),
    revokedAt: toTime(row.revoked_at),
  };
}

function toTime(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString();
}

/** The headers a credential can be in. */
function headersOf(request: Request): Headers {
  const headers = new Headers();
  for (const name of ["authorization", "flyte-authorization"]) {
    const value = request.headers[name];
    if (typeof value === "string") headers.set(name, value);
  }
  return headers;
}
