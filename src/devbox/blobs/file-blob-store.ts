import { randomBytes } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseBlobUri } from "./blob-path.ts";
import type { BlobStore } from "./blob-store.ts";

/** A blob store that also takes streams. */
export interface FileBlobStore extends BlobStore {
  /**
   * Writes what the source yields; nothing appears at the URI before the source has ended and all
   * of it is on disk. A source that throws leaves nothing behind.
   */
  writeStream(uri: string, source: AsyncIterable<Uint8Array>): Promise<void>;
}

/** Where and how blobs are kept. */
export interface FileBlobStoreOptions {
  /** Absolute path; made when it is missing. */
  readonly folder: string;
  /**
   * Whether a write waits for the disk. Only a throwaway state may say no.
   * @default true
   */
  readonly durable?: boolean;
}

/** Up to this, reading at once takes less time than handing it to another thread and back. */
const smallBytes = 64 * 1024;

/** Keeps blobs as files below a folder, under `file://` URIs. */
export function createFileBlobStore(options: FileBlobStoreOptions): FileBlobStore {
  const { folder, durable = true } = options;
  const root = pathToFileURL(folder).href.replace(/\/$/, "");
  const pathOf = (uri: string): string => join(folder, ...parseBlobUri(root, uri));

  const writeStream = async (
    uri: string,
    source: AsyncIterable<Uint8Array> | readonly Uint8Array[],
  ): Promise<void> => {
    const path = pathOf(uri);
    await makeFolder(dirname(path), durable);
    const temporary = `${dirname(path)}/.${randomBytes(9).toString("base64url")}.part`;
    try {
      const file = await open(temporary, "wx", 0o600);
      try {
        for await (const chunk of source) await file.writeFile(chunk);
        if (durable) await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    if (durable) await syncFolder(dirname(path));
  };

  return {
    root,
    read: async (uri) => {
      try {
        const path = pathOf(uri);
        return statSync(path).size <= smallBytes ? readFileSync(path) : await readFile(path);
      } catch (error) {
        if (isAbsent(error)) return undefined;
        throw error;
      }
    },
    write: (uri, bytes) => writeStream(uri, [bytes]),
    writeStream,
    exists: async (uri) => {
      try {
        return statSync(pathOf(uri)).isFile();
      } catch (error) {
        if (isAbsent(error)) return false;
        throw error;
      }
    },
  };
}

/** Makes the folder and the missing ones above it, and puts their entries on disk. */
async function makeFolder(path: string, durable: boolean): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  if (first === undefined || !durable) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) {
    await syncFolder(dirname(made));
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** A file where a folder is needed, or a folder itself, holds no blob either. */
function isAbsent(error: unknown): boolean {
  if (!(error instanceof Error) || !("code" in error)) return false;
  return error.code === "ENOENT" || error.code === "ENOTDIR" || error.code === "EISDIR";
}
