import { parseEndpoint } from "../../client/endpoint.ts";
import { FlyteError } from "../../shared/errors.ts";
import { resolveConnection } from "../connection.ts";
import type { ConnectionOptions } from "../options.ts";
import { fields, note, print, printJson, printTime, table } from "../output.ts";

/** What the devbox tells of a key; the key itself only when it is created. */
interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly user: string;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly key?: string;
}

interface CreateOptions extends ConnectionOptions {
  readonly for?: string;
  readonly role?: string;
  /** Milliseconds. */
  readonly expiresIn?: number;
}

/** `flyte-webhook create api-key`: the key is shown this once. */
export async function createApiKey(name: string, options: CreateOptions): Promise<void> {
  const created = (await request(options, "POST", "", {
    name,
    user: options.for ?? options.user,
    ...(options.role === undefined ? {} : { role: options.role }),
    ...(options.expiresIn === undefined ? {} : { expiresInMs: options.expiresIn }),
  })) as ApiKey;
  if (options.json === true) return printJson({ ...created });
  note(`Key ${created.id} of ${created.user}. It is shown this once:`);
  print(`export FLYTE_API_KEY=${created.key}`);
}

/** `flyte-webhook get api-key`: what keys there are, never the keys. */
export async function listApiKeys(options: ConnectionOptions): Promise<void> {
  const { keys } = (await request(options, "GET", "")) as { keys: readonly ApiKey[] };
  if (options.json === true) return printJson(keys.map((key) => ({ ...key })));
  print(
    table(
      ["id", "name", "user", "created", "expires"],
      keys.map(({ id, name, user, createdAt, expiresAt }) => [
        id,
        name,
        user,
        printTime(new Date(createdAt)),
        expiresAt === null ? "never" : printTime(new Date(expiresAt)),
      ]),
    ),
  );
}

/** `flyte-webhook delete api-key`: the key is refused from then on. */
export async function deleteApiKey(id: string, options: ConnectionOptions): Promise<void> {
  await request(options, "DELETE", `/${encodeURIComponent(id)}`);
  if (options.json === true) return printJson({ id, deleted: true });
  print(fields([["deleted", id]]));
}

async function request(
  options: ConnectionOptions,
  method: string,
  path: string,
  body?: object,
): Promise<unknown> {
  const { endpoint, insecure, authenticator } = await resolveConnection(options);
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
