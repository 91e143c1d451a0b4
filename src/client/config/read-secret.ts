import { readFile } from "node:fs/promises";
import { FlyteError } from "../../shared/errors.ts";
import type { SecretSource } from "./choose-auth.ts";
import { readVariable } from "./environment.ts";
import { expandPath, type Surroundings } from "./find-config-file.ts";
import { errorCode } from "./read-config-file.ts";

/**
 * Reads a client secret from where it is kept; line breaks at its end do not belong to it.
 *
 * @throws FlyteError `invalid_config` naming the variable or the file, never what it holds
 */
export async function readSecret(
  source: SecretSource,
  surroundings: Surroundings,
): Promise<string> {
  if ("value" in source) return source.value;
  if ("variable" in source) {
    const text = readVariable(surroundings.env, source.variable);
    if (text !== undefined) return text;
    throw new FlyteError(
      "invalid_config",
      `Environment variable ${source.variable}, named by admin.clientSecretEnvVar, is not set. Set it to the client secret.`,
    );
  }
  const path = expandPath(source.file, surroundings);
  const text = await readText(path);
  const secret = text.replace(/[\r\n]+$/, "");
  if (secret !== "") return secret;
  throw new FlyteError("invalid_config", `Client secret file ${path} is empty. Put the secret in.`);
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new FlyteError(
      "invalid_config",
      `Client secret file ${path} cannot be read (${errorCode(cause)}). Correct admin.clientSecretLocation.`,
      { cause },
    );
  }
}
