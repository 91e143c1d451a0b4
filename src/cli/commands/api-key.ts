import { parseEndpoint } from "../../client/endpoint.ts";
import type { ControlPlaneOptions } from "../../client/options.ts";
import { FlyteError } from "../../shared/errors.ts";
import { encodeApiKey } from "../../values/api-key-text.ts";
import { confirm } from "../ask.ts";
import { resolveConnection } from "../connection.ts";
import type { ConnectionOptions } from "../options.ts";
import { fields, note, print, printJson, printTime, table } from "../output.ts";

/** What the devbox tells of a key. */
interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly user: string;
  readonly createdAt: string;
  readonly expiresAt: string | null;
}

/** What it tells when it creates one, this once. */
interface CreatedKey extends ApiKey {
  readonly key: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

interface CreateOptions extends ConnectionOptions {
  readonly name?: string;
  readonly for?: string;
  readonly role?: string;
  /** Milliseconds. */
  readonly expiresIn?: number;
}

/**
 * `flyte-webhook create api-key`: the key is shown this once, in the form of Flyte's SDKs, which holds
 * the endpoint that the command itself has used.
 */
export async function createApiKey(
  name: string | undefined,
  options: CreateOptions,
): Promise<void> {
  const connection = await resolveConnection(options);
  const created = (await request(connection, "POST", "", {
    name: toName(name, options.name),
    user: options.for ?? options.user,
    ...(options.role === undefined ? {} : { role: options.role }),
    ...(options.expiresIn === undefined ? {} : { expiresInMs: options.expiresIn }),
  })) as CreatedKey;
  const { clientId, clientSecret } = created;
  const org = connection.org ?? "";
  const apiKey = encodeApiKey({ endpoint: toKeyEndpoint(connection), clientId, clientSecret, org });
  if (options.json === true) return printJson({ ...created, apiKey });
  note(`Key ${created.id} of ${created.user}. It is shown this once:`);
  print(`export FLYTE_API_KEY=${apiKey}`);
}

/** `flyte-webhook get api-key`: what keys there are, or those of a name or id; never the keys. */
export async function getApiKey(
  name: string | undefined,
  options: ConnectionOptions,
): Promise<void> {
  const all = await listKeys(await resolveConnection(options));
  const keys = name === undefined ? all : findKeys(all, name);
  const [key, ...others] = keys;
  const isOne = name !== undefined && others.length === 0;
  if (options.json === true)
    return printJson(isOne ? { ...key } : keys.map((each) => ({ ...each })));
  print(isOne && key !== undefined ? toFields(key) : toTable(keys));
}

/** `flyte-webhook delete api-key`: the key is refused from then on. */
export async function deleteApiKey(
  key: string,
  options: ConnectionOptions & { readonly yes?: boolean },
): Promise<void> {
  const connection = await resolveConnection(options);
  const [found, ...others] = findKeys(await listKeys(connection), key);
  if (found === undefined || others.length > 0) {
    const ids = [found, ...others].map((each) => each?.id).join(", ");
    throw new FlyteError("invalid_input", `Several keys are named "${key}". Give an id: ${ids}.`);
  }
  const { id, name, user } = found;
  if (options.yes !== true) await confirm(`Revoke the key ${id} (${name}) of ${user}?`);
  await request(connection, "DELETE", `/${encodeURIComponent(id)}`);
  if (options.json === true) return printJson({ id, deleted: true });
  print(fields([["deleted", id]]));
}

async function listKeys(connection: ControlPlaneOptions): Promise<readonly ApiKey[]> {
  const { keys } = (await request(connection, "GET", "")) as { keys: readonly ApiKey[] };
  return keys;
}

/** The key of this id, or all of this name. @throws FlyteError `not_found` */
function findKeys(keys: readonly ApiKey[], wanted: string): readonly ApiKey[] {
  const byId = keys.filter(({ id }) => id === wanted);
  const found = byId.length > 0 ? byId : keys.filter(({ name }) => name === wanted);
  if (found.length > 0) return found;
  throw new FlyteError(
    "not_found",
    `There is no API key ${JSON.stringify(wanted)}. List them with: flyte-webhook get api-key`,
  );
}

function toFields(key: ApiKey): string {
  return fields([
    ["api key", key.id],
    ["name", key.name],
    ["user", key.user],
    ["created", printTime(new Date(key.createdAt))],
    ["expires", printExpiry(key)],
  ]);
}

function toTable(keys: readonly ApiKey[]): string {
  return table(
    ["id", "name", "user", "created", "expires"],
    keys.map((key) => [
      key.id,
      key.name,
      key.user,
      printTime(new Date(key.createdAt)),
      printExpiry(key),
    ]),
  );
}

function printExpiry({ expiresAt }: ApiKey): string {
  return expiresAt === null ? "never" : printTime(new Date(expiresAt));
}

function toName(argument: string | undefined, option: string | undefined): string {
  const name = argument ?? option;
  if (name !== undefined && (option ?? name) === name) return name;
  throw new FlyteError(
    "invalid_input",
    name === undefined
      ? "Say what the key is for: flyte-webhook create api-key NAME"
      : "Two names are given for the key. Leave --name out.",
  );
}

/** A host alone where https says it all: Flyte's Python SDK reads no endpoint with colons in a key. */
function toKeyEndpoint({ endpoint, insecure }: ControlPlaneOptions): string {
  const { baseUrl } = parseEndpoint(endpoint, { insecure: insecure === true });
  return baseUrl.replace(/^https:\/\/([^:[\]]+)$/, "$1");
}

async function request(
  { endpoint, insecure, authenticator }: ControlPlaneOptions,
  method: string,
  path: string,
  body?: object,
): Promise<unknown> {
  const { baseUrl } = parseEndpoint(endpoint, { insecure: insecure === true });
  const credential = (await authenticator?.headers(undefined)) ?? [];
  let response: Response;
  try {
    response = await fetch(`${baseUrl}/devbox/v1/api-keys${path}`, {
      method,
      redirect: "error",
      headers: {
        ...Object.fromEntries(credential),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (error) {
    throw new FlyteError(
      "unavailable",
      `Cannot connect to ${baseUrl}. Check that it is running and reachable.`,
      { cause: error },
    );
  }
  const text = await response.text();
  if (response.ok) return text === "" ? {} : JSON.parse(text);
  throw refused(response.status, text, baseUrl);
}

function refused(status: number, text: string, baseUrl: string): FlyteError {
  const message = readMessage(text);
  if (status === 401) return new FlyteError("unauthenticated", message ?? "The key is not valid.");
  if (status === 403) {
    return new FlyteError("permission_denied", message ?? "Only an admin may manage API keys.");
  }
  if (message !== undefined) {
    return new FlyteError(status === 404 ? "not_found" : "invalid_input", message);
  }
  return new FlyteError(
    "unimplemented",
    `${baseUrl} manages no API keys: only a devbox does. A hosted Flyte has its own command for it.`,
  );
}

function readMessage(text: string): string | undefined {
  try {
    const { message, detail } = JSON.parse(text);
    return message ?? detail;
  } catch {
    // Not JSON: not a devbox's answer.
    return undefined;
  }
}
