import { createHash, type Hash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import type { ModelFile } from "./model-file.ts";

/** The beginning of a file, as far as it has come. */
export interface PartFile extends AsyncDisposable {
  /** Bytes that are there. */
  readonly size: number;
  append(chunk: Uint8Array): Promise<void>;
  /** Forgets all of it. */
  reset(): Promise<void>;
  /** Whether all of it is what it has to be; asked once. */
  isWhole(): boolean;
  /** Puts it on the disk. */
  sync(): Promise<void>;
}

/**
 * Opens the part of a file, or begins one. What an earlier attempt has left is read again, so that the
 * hash covers all of it.
 */
export async function openPart(path: string, file: ModelFile): Promise<PartFile> {
  const handle = await open(path, "a+", 0o600);
  try {
    return await toPart(handle, file);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function toPart(handle: FileHandle, file: ModelFile): Promise<PartFile> {
  let hash = startHash(file);
  let size = (await handle.stat()).size;
  if (size > file.size) {
    await handle.truncate(0);
    size = 0;
  }
  if (size > 0) {
    const before = handle.createReadStream({ start: 0, end: size - 1, autoClose: false });
    for await (const chunk of before) hash.update(chunk as Uint8Array);
  }
  return {
    get size() {
      return size;
    },
    async append(chunk) {
      await handle.appendFile(chunk);
      hash.update(chunk);
      size += chunk.length;
    },
    async reset() {
      await handle.truncate(0);
      hash = startHash(file);
      size = 0;
    },
    isWhole: () => size === file.size && hash.digest("hex") === file.digest,
    sync: () => handle.datasync(),
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

/** Git names a blob by its type and size in front of its bytes. */
function startHash({ algorithm, size }: ModelFile): Hash {
  return algorithm === "sha256"
    ? createHash("sha256")
    : createHash("sha1").update(`blob ${size}\0`);
}
