import { readFile } from "node:fs/promises";
import { text as readAll } from "node:stream/consumers";
import { FlyteError } from "../../shared/errors.ts";
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from "../../shared/json.ts";

/** Where the secret is taken from. */
export interface SecretSource {
  readonly secretEnv?: string;
  readonly secretFile?: string;
}

/** What holds the secret where nothing else is named. */
export const defaultSecretVariable = "FLYTE_WEBHOOK_HOOK_SECRET";

/** The secret, never from the command line itself. @throws FlyteError `invalid_config` naming the remedy */
export async function readSecret(
  { secretEnv, secretFile }: SecretSource,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  if (secretEnv !== undefined && secretFile !== undefined) {
    throw new FlyteError("invalid_config", "Give one of --secret-env and --secret-file, not both.");
  }
  if (secretFile !== undefined) {
    // Editors end a file with a line break, which is no part of the secret.
    return (await readText("--secret-file", secretFile)).replace(/\r?\n$/, "");
  }
  const name = secretEnv ?? defaultSecretVariable;
  const secret = env[name];
  if (secret !== undefined && secret !== "") return secret;
  throw new FlyteError(
    "invalid_config",
    `The environment variable ${name} has no secret to sign with. Set it, or name another with --secret-env or a file with --secret-file.`,
  );
}

/** The JSON of a file, or of standard input for `-`. @throws FlyteError `invalid_input` naming the option */
export async function readJsonFile(option: string, file: string): Promise<JsonValue> {
  const text = file === "-" ? await readAll(process.stdin) : await readText(option, file);
  try {
    return parseJson(text);
  } catch (error) {
    if (!FlyteError.is(error)) throw error;
    const message = `${option} ${file} is not JSON: ${error.message}`;
    throw new FlyteError("invalid_input", message, { cause: error });
  }
}

/** The payload of a file. @throws FlyteError `invalid_input` unless it is a JSON object */
export async function readPayload(file: string): Promise<JsonObject> {
  const payload = await readJsonFile("--payload", file);
  if (isJsonObject(payload)) return payload;
  throw new FlyteError("invalid_input", `--payload ${file} must be a JSON object.`);
}

/** `name: value` pairs. @throws FlyteError `invalid_input` naming what has no such form */
export function parseHeaders(pairs: readonly string[]): Readonly<Record<string, string>> {
  const entries = pairs.map((pair): [string, string] => {
    const [, name, value] = /^([\w!#$%&'*+.^`|~-]+):[ \t]*([\t\x20-\x7e]*)$/.exec(pair) ?? [];
    if (name !== undefined && value !== undefined) return [name.toLowerCase(), value];
    throw new FlyteError(
      "invalid_input",
      `--header ${JSON.stringify(pair)} is no header. Write --header 'name: value'.`,
    );
  });
  return Object.fromEntries(entries);
}

async function readText(option: string, file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? "unknown error";
    const message = `${option} ${file}: the file cannot be read (${reason}).`;
    throw new FlyteError("invalid_input", message, { cause: error });
  }
}
