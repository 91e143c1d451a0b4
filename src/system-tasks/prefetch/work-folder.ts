import { createHash } from "node:crypto";
import { mkdir, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ModelFile } from "./model-file.ts";
import { isStored, writeManifest } from "./stored-model.ts";

/** Where the files of one commit gather until all are there. */
export interface WorkFolder {
  /** Where the part of a file is kept while it comes. */
  partOf(file: ModelFile): string;
  /** Whether an earlier attempt has brought the whole file. */
  has(file: ModelFile): Promise<boolean>;
  /** Bytes of the file's part. */
  sizeOfPart(file: ModelFile): Promise<number>;
  /** Takes a part that is proved as the file. */
  keep(file: ModelFile): Promise<void>;
  /** Says that somebody is at work in here. */
  touch(): Promise<void>;
  /** Makes it the model's folder at once. With `replace` it takes the place of one that is whole. */
  publish(options: { readonly replace: boolean }): Promise<void>;
  /** Leaves it to the next run of the same commit. */
  release(): Promise<void>;
  discard(): Promise<void>;
}

export interface WorkFolderOptions {
  /** The folder of the model's commits. */
  readonly folder: string;
  readonly repo: string;
  readonly commit: string;
  readonly files: readonly ModelFile[];
  readonly run: string;
}

/** Nobody has been at work in a folder that was left alone for so long. */
const deserted = 600_000;

/**
 * Opens the work folder of a run: that of its earlier attempt, else one that another run of the same
 * commit has left, else a new one. Those of other commits that nobody works in are removed.
 */
export async function openWorkFolder(options: WorkFolderOptions): Promise<WorkFolder> {
  const { folder, commit, run } = options;
  const own = join(folder, `.partial-${commit}-${run}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await adopt(folder, own, commit);
  const parts = join(own, "parts");
  const files = join(own, "files");
  await mkdir(parts, { recursive: true, mode: 0o700 });
  await mkdir(files, { recursive: true, mode: 0o700 });
  const partOf = ({ path }: ModelFile): string =>
    join(parts, `${createHash("sha256").update(path).digest("hex")}.part`);
  return {
    partOf,
    has: async ({ path, size }) => (await sizeOf(join(files, path))) === size,
    sizeOfPart: async (file) => (await sizeOf(partOf(file))) ?? 0,
    async keep(file) {
      const path = join(files, file.path);
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await rename(partOf(file), path);
    },
    async touch() {
      const now = new Date();
      await utimes(own, now, now);
    },
    async publish({ replace }) {
      await writeManifest(files, options);
      const target = join(folder, commit);
      // Another run may have been faster with the same files.
      if (replace || !(await isStored(target, options))) await putInPlace(files, target, own);
      await rm(own, { recursive: true, force: true });
    },
    async release() {
      await rename(own, join(folder, `.released-${commit}-${run}`)).catch(() => undefined);
    },
    discard: () => rm(own, { recursive: true, force: true }),
  };
}

/** What stands in the way is moved out of it first: a rename replaces no folder with files. */
async function putInPlace(files: string, target: string, own: string): Promise<void> {
  await rename(target, join(own, "old")).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  });
  await rename(files, target);
}

/** A rename succeeds for one run only, so no two take the same folder over. */
async function adopt(folder: string, own: string, commit: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!/^\.(?:partial|released)-[0-9a-f]{40}-/.test(name)) continue;
    const found = join(folder, name);
    if (found === own || !(await isLeft(found, name))) continue;
    const isSame = name.includes(`-${commit}-`);
    const isFree = isSame && (await sizeOf(own)) === undefined;
    if (isFree) await takeOver(found, own);
    else await rm(found, { recursive: true, force: true });
  }
}

/** Others see it in use from its first moment; one that is gone has been taken by another run. */
async function takeOver(found: string, own: string): Promise<void> {
  try {
    const now = new Date();
    await utimes(found, now, now);
    await rename(found, own);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

async function isLeft(path: string, name: string): Promise<boolean> {
  if (name.startsWith(".released-")) return true;
  const { mtimeMs } = (await stat(path).catch(() => undefined)) ?? { mtimeMs: Date.now() };
  return Date.now() - mtimeMs > deserted;
}

async function sizeOf(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.size;
}
