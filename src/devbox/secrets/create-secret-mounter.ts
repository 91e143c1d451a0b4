import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Secret, Secret_MountType } from "../../idl/security.ts";
import { FlyteError } from "../../shared/errors.ts";
import type { Database } from "../store/database.ts";
import type { SecretRow } from "../store/secrets.ts";
import { describeScope, findSecrets, secretName } from "./find-secrets.ts";
import { unseal } from "./seal.ts";
import type { SecretMounter } from "./secret-mounter.ts";
import { toText, toVariables } from "./secret-variables.ts";

export interface SecretMounterOptions {
  readonly database: Database;
  /** 32 bytes that encrypt the values at rest. */
  readonly secretKey: Uint8Array;
}

/** Makes the {@link SecretMounter} of a state. */
export function createSecretMounter({ database, secretKey }: SecretMounterOptions): SecretMounter {
  return {
    async mount(secrets, scope, folder) {
      const rows = findSecrets(
        database,
        secrets.map(({ key }) => key),
        scope,
      );
      const opened = new Map([...rows].map(([name, row]) => [name, open(secretKey, row)]));
      const env: Record<string, string> = {};
      const files = new Map<string, Uint8Array>();
      for (const secret of secrets) {
        const value = opened.get(secret.key) ?? new Uint8Array();
        if (secret.mountRequirement !== Secret_MountType.FILE) {
          Object.assign(env, toVariables(secret, value));
          continue;
        }
        for (const path of pathsOf(secret, secrets)) files.set(path, value);
      }
      const mounted = files.size === 0 ? undefined : await writeFiles(folder, files);
      if (mounted !== undefined) Object.assign(env, fileVariables(secrets, mounted));
      return {
        env,
        values: [...opened.values()].flatMap((value) => toText(value) ?? []),
        unmount: async () => {
          if (mounted !== undefined) await rm(mounted, { recursive: true, force: true });
        },
      };
    },
  };
}

function open(secretKey: Uint8Array, row: SecretRow): Uint8Array {
  const value = unseal(secretKey, row, row.sealed);
  if (value !== undefined) return value;
  throw new FlyteError(
    "precondition_failed",
    `The secret ${JSON.stringify(row.name)} (${describeScope(row)}) cannot be decrypted: it was stored with another key than the file secret-key of the state folder holds. Put that file back, or store the secret anew with: flyte-webhook create secret ${row.name} --update`,
  );
}

/** As Flyte's own store has it, and below the group as other stores have it. */
function pathsOf({ key, group }: Secret, secrets: readonly Secret[]): readonly string[] {
  if (group === "") return [key];
  if (!secretName.test(group)) {
    throw new FlyteError(
      "invalid_input",
      `The group ${JSON.stringify(group.slice(0, 100))} of the secret ${JSON.stringify(key)} cannot be a folder: use letters, digits, dashes and underscores.`,
    );
  }
  // A folder cannot have the name of a file.
  return secrets.some((other) => other.key === group) ? [key] : [key, join(group, key)];
}

/** A folder of its own below `parent` with these files. */
async function writeFiles(parent: string, files: ReadonlyMap<string, Uint8Array>): Promise<string> {
  await mkdir(parent, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(parent, "secrets-"));
  try {
    for (const [path, value] of files) {
      const file = join(folder, path);
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      await writeFile(file, value, { mode: 0o400, flag: "wx" });
    }
    return folder;
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

function fileVariables(secrets: readonly Secret[], folder: string): Record<string, string> {
  const env: Record<string, string> = {
    FLYTE_SECRETS_DEFAULT_DIR: folder,
    FLYTE_SECRETS_FILE_PREFIX: "",
  };
  for (const { key, envVar, mountRequirement } of secrets) {
    if (mountRequirement === Secret_MountType.FILE && envVar !== "")
      env[envVar] = join(folder, key);
  }
  return env;
}
