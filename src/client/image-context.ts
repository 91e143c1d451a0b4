import { posix } from "node:path";
import { gzipSync } from "node:zlib";
import { packTar, type TarFile } from "../shared/tar.ts";
import type { LoadedCopy, LoadedImage } from "./image-sources.ts";

/** The files of all copies, each below the folder of its layer. */
export function toContextFiles({ layers }: LoadedImage): readonly TarFile[] {
  return layers.flatMap((layer, index) => {
    if (layer.kind !== "copy") return [];
    const { file } = toCopyTarget(layer);
    return layer.files.map(({ path, ...rest }) => ({
      ...rest,
      path: `${toContextFolder(index)}/${file ?? path}`,
    }));
  });
}

/** The same files as one `tar.gz`; undefined without any. */
export function toContextArchive(image: LoadedImage): Uint8Array | undefined {
  const files = toContextFiles(image);
  return files.length === 0 ? undefined : gzipSync(packTar(files));
}

/** Where the files of a layer are in the build's context; a name of ours, whatever they are called. */
export function toContextFolder(layer: number): string {
  return `sources/${layer}`;
}

/**
 * Where a copy goes, as a folder that takes the content of the layer's own: so no name of a file is ever
 * part of an instruction.
 */
export function toCopyTarget({ type, destination }: LoadedCopy): {
  readonly folder: string;
  /** What a single file is called there, unless it keeps its name. */
  readonly file: string | undefined;
} {
  const isFolder = type === "folder" || /(?:^|\/)\.?$/.test(destination);
  const folder = isFolder ? destination : posix.dirname(destination);
  return {
    folder: folder.endsWith("/") ? folder : `${folder}/`,
    file: isFolder ? undefined : posix.basename(destination),
  };
}
