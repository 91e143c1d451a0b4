import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { FlyteError } from "../shared/errors.ts";
import { keepSeedKeys, seedState } from "./auth/seed.ts";
import { createFileBlobStore, type FileBlobStore } from "./blobs/file-blob-store.ts";
import { type Database, openDatabase } from "./store/database.ts";
import { migrate } from "./store/migrations.ts";

/** Everything the devbox keeps, below one folder. */
export interface State extends AsyncDisposable {
  readonly folder: string;
  readonly database: Database;
  readonly blobs: FileBlobStore;
  /** Signs upload URLs. */
  readonly uploadKey: Uint8Array;
  /** Encrypts secrets. */
  readonly secretKey: Uint8Array;
  /** API keys of the seeded users, by subject. */
  readonly keys: Readonly<Record<string, string>>;
  /** Closes it; a throwaway state is removed. */
  close(): Promise<void>;
}

/**
 * Opens the state folder, makes and fills it when it is new. `"memory"` is a throwaway state: a
 * database in memory and a temporary folder.
 *
 * @throws FlyteError `invalid_config` when the folder is in use or cannot be used
 */
export async function openState(place: string): Promise<State> {
  const isThrowaway = place === "memory";
  const folder = isThrowaway
    ? await mkdtemp(join(tmpdir(), "flyte-devbox-"))
    : await makeFolder(resolve(place));
  const removeFolder = async (): Promise<void> => {
    if (isThrowaway) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  let database: Database | undefined;
  try {
    database = openDatabase(isThrowaway ? ":memory:" : join(folder, "devbox.db"));
    return await fillState(folder, database, removeFolder, isThrowaway);
  } catch (error) {
    await database?.close();
    await removeFolder();
    throw error;
  }
}

async function fillState(
  folder: string,
  database: Database,
  removeFolder: () => Promise<void>,
  isThrowaway: boolean,
): Promise<State> {
  migrate(database);
  seedState(database, Date.now());
  const keys = await keepSeedKeys(database, join(folder, "keys"));
  const uploadKey = await keepRandomKey(join(folder, "upload-key"));
  const secretKey = await keepRandomKey(join(folder, "secret-key"));
  const blobs = createFileBlobStore({ folder: join(folder, "blobs"), durable: !isThrowaway });
  const close = async (): Promise<void> => {
    await database.close();
    await removeFolder();
  };
  return {
    folder,
    database,
    blobs,
    uploadKey,
    secretKey,
    keys,
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function makeFolder(folder: string): Promise<string> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return folder;
  } catch (cause) {
    const reason = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
    const message =
      reason === "EEXIST" || reason === "ENOTDIR"
        ? `The state folder ${folder} is a file, or inside of one; choose a folder.`
        : `The state folder ${folder} cannot be made (${reason}); choose one that can be written to.`;
    throw new FlyteError("invalid_config", message, { cause });
  }
}

/** Kept, so that upload URLs and secrets outlive a restart. */
async function keepRandomKey(path: string): Promise<Uint8Array> {
  try {
    const kept = await readFile(path);
    if (kept.length === 32) return kept;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
  const key = randomBytes(32);
  // On disk before anything that is of no use without it.
  await writeFile(path, key, { mode: 0o600, flush: true });
  return key;
}
