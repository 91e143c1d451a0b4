import { readFile as readLocalFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { UserError } from "./task-errors.ts";
import type { FileRef } from "./task-type.ts";

export interface ReadFileOptions {
  /** Give the task's `ctx.signal` to stop reading when the run is aborted. */
  readonly signal?: AbortSignal;
}

/**
 * Reads a task's file from `file://`, `http://` or `https://`.
 *
 * @throws UserError when the file cannot be read or has another kind of address.
 */
export async function readFile(
  { uri }: FileRef,
  { signal }: ReadFileOptions = {},
): Promise<Uint8Array> {
  try {
    if (uri.startsWith("file://")) {
      return await readLocalFile(fileURLToPath(uri), { signal });
    }
    if (/^https?:\/\//.test(uri)) return await download(uri, signal);
  } catch (error) {
    if (signal?.aborted || error instanceof UserError) throw error;
    throw new UserError(`Cannot read ${uri}.`, { code: "FileNotReadable", cause: error });
  }
  throw new UserError(`Cannot read ${uri}: only file://, http:// and https:// are known.`, {
    code: "UnknownScheme",
    retryable: false,
  });
}

/** Like {@link readFile}, decoded as UTF-8 text. */
export async function readText(file: FileRef, options: ReadFileOptions = {}): Promise<string> {
  return new TextDecoder().decode(await readFile(file, options));
}

async function download(uri: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const response = await fetch(uri, signal === undefined ? {} : { signal });
  if (!response.ok) {
    throw new UserError(`Cannot read ${uri}: the server answered ${response.status}.`, {
      code: "FileNotReadable",
    });
  }
  return new Uint8Array(await response.arrayBuffer());
}
