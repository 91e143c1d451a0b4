import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { NonRecoverableError } from "../task-errors.ts";

/** The local path of a `file://` URI; a plain path stays as it is. */
export function toPath(uri: string): string {
  if (uri.startsWith("file://")) return fileURLToPath(uri);
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(uri)) return uri;
  throw new NonRecoverableError(`flyte-task reads and writes file:// URIs only, not ${uri}.`, {
    code: "UnknownScheme",
  });
}

/** Reads `inputs.pb`. */
export function readInputs(uri: string): Promise<Uint8Array> {
  return readFile(toPath(uri));
}

/** Writes a result so that a reader sees all of it or nothing. */
export async function writeResult(dirUri: string, name: string, bytes: Uint8Array): Promise<void> {
  const path = join(toPath(dirUri), name);
  const temporary = `${path}.${randomUUID()}`;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(temporary, bytes);
  await rename(temporary, path);
}
