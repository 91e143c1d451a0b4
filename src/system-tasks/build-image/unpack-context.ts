import { mkdir, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { BuildPlan } from "../../app/image/dockerfile.ts";
import { readTar, type TarEntry } from "../../app/runtime/read-tar.ts";
import { asFailure, BuildFailure } from "./build-failure.ts";

/** The most that a context may hold once it is unpacked; as much as this package sends. */
const mostBytes = 1024 ** 3;

/**
 * Reads a context, `tar.gz`, that whoever may have packed.
 *
 * @throws BuildFailure `ContextNotReadable` for links, paths that lead out of it, and more than 1 GiB
 */
export function readContext(bytes: Uint8Array, limit: number = mostBytes): readonly TarEntry[] {
  const archive = unzip(bytes, limit);
  return asFailure("ContextNotReadable", () => [...readTar(archive, "context of the image")]);
}

/** Writes a context into a folder that is empty, and proves that all copies of the plan find something there. */
export async function writeContext(
  entries: readonly TarEntry[],
  { steps }: BuildPlan,
  folder: string,
): Promise<void> {
  for (const { path, kind, bytes, executable } of entries) {
    const place = join(folder, path);
    await mkdir(kind === "folder" ? place : dirname(place), { recursive: true });
    if (kind === "file") await writeFile(place, bytes, { mode: executable ? 0o755 : 0o644 });
  }
  for (const step of steps) {
    if (step.kind !== "copy") continue;
    const found = await stat(join(folder, step.from)).catch(() => undefined);
    if (found !== undefined) continue;
    throw new BuildFailure(
      "ContextNotReadable",
      `The image copies ${step.from}, which is not in its context. Leave the copy out, or put a file there.`,
    );
  }
}

function unzip(bytes: Uint8Array, limit: number): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: limit });
  } catch (error) {
    const isTooLarge = (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
    const reason = isTooLarge ? `it holds more than ${limit} bytes` : "it is no gzip archive";
    throw new BuildFailure(
      "ContextNotReadable",
      `The context of the image is refused: ${reason}.`,
      error,
    );
  }
}
