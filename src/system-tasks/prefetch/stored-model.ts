import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { JsonValue } from "../../shared/json.ts";
import { type ModelFile, manifestName } from "./model-file.ts";

interface Manifest {
  readonly version: 1;
  readonly repo: string;
  readonly commit: string;
  readonly files: readonly ModelFile[];
}

/** Writes what says that a folder holds all of a model. */
export async function writeManifest(
  folder: string,
  { repo, commit, files }: Pick<Manifest, "repo" | "commit" | "files">,
): Promise<void> {
  const manifest: Manifest = { version: 1, repo, commit, files };
  const text = `${JSON.stringify(manifest, null, 1)}\n`;
  await writeFile(join(folder, manifestName), text, { mode: 0o600, flush: true });
}

/** Whether a folder holds all files of a model's commit, each of its size. */
export async function isStored(
  folder: string,
  { repo, commit, files }: Pick<Manifest, "repo" | "commit" | "files">,
): Promise<boolean> {
  const manifest = await readManifest(folder);
  if (manifest === undefined) return false;
  if (manifest["repo"] !== repo || manifest["commit"] !== commit) return false;
  for (const { path, size } of files) {
    const found = await stat(join(folder, path)).catch(() => undefined);
    if (found?.isFile() !== true || found.size !== size) return false;
  }
  return true;
}

async function readManifest(
  folder: string,
): Promise<Readonly<Record<string, JsonValue>> | undefined> {
  try {
    const manifest: unknown = JSON.parse(await readFile(join(folder, manifestName), "utf8"));
    const isKnown =
      typeof manifest === "object" &&
      manifest !== null &&
      "version" in manifest &&
      manifest.version === 1;
    return isKnown ? (manifest as unknown as Readonly<Record<string, JsonValue>>) : undefined;
  } catch {
    // Absent, or no manifest: either way the folder is not whole.
    return undefined;
  }
}
