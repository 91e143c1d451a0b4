import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { FlyteError } from "../../shared/errors.ts";
import { readTar } from "./read-tar.ts";

/** Most bytes of a bundle once it is unpacked. */
const maxBytes = 1024 ** 3;

/**
 * Unpacks a code bundle into a folder that holds nothing yet.
 *
 * @throws FlyteError `invalid_input` saying what is wrong with the bundle
 */
export async function unpackCode(
  bytes: Uint8Array,
  folder: string,
  limit: number = maxBytes,
): Promise<void> {
  for (const { path, kind, bytes: content, executable } of readTar(await unzip(bytes, limit))) {
    const place = join(folder, path);
    if (kind === "folder") {
      await mkdir(place, { recursive: true });
      continue;
    }
    await mkdir(dirname(place), { recursive: true });
    // A second file of the name, or one in place of a folder, is no bundle of ours.
    await writeFile(place, content, { flag: "wx", mode: executable ? 0o755 : 0o644 });
  }
}

async function unzip(bytes: Uint8Array, limit: number): Promise<Uint8Array> {
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: limit });
  } catch (error) {
    const tooLarge = (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
    const reason = tooLarge ? `it holds more than ${limit} bytes` : "it is no gzip archive";
    throw new FlyteError("invalid_input", `The code bundle is refused: ${reason}.`, {
      cause: error,
    });
  }
}
