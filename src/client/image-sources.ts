import { type Dirent, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { basename, join, relative, resolve, sep } from "node:path";
import { FlyteError } from "../shared/errors.ts";
import type { TarFile } from "../shared/tar.ts";
import { type IgnorePatterns, parseIgnorePatterns } from "./ignore-patterns.ts";
import type { ImageLayer, ImageSpec } from "./image-calls.ts";

type CopyLayer = Extract<ImageLayer, { kind: "copy" }>;

/** A copy with the files it brings, by their path below what is copied. */
export interface LoadedCopy extends CopyLayer {
  readonly files: readonly TarFile[];
}

export type LoadedLayer = Exclude<ImageLayer, CopyLayer> | LoadedCopy;

/** An image with the files that its copies bring, read once, so that tag and content belong together. */
export interface LoadedImage extends Omit<ImageSpec, "layers"> {
  readonly layers: readonly LoadedLayer[];
}

/** An image is a place for code, not for data sets. */
const mostBytes = 512 * 1024 * 1024;

/**
 * Reads what an image copies.
 *
 * @throws FlyteError `invalid_input` naming what is not there, cannot be read, leads out of its folder or
 * is more than 512 MiB
 */
export function loadImage(image: ImageSpec): LoadedImage {
  const layers = image.layers.map((layer) =>
    layer.kind === "copy" ? { ...layer, files: readSource(layer) } : layer,
  );
  return { ...image, layers };
}

function readSource({ type, source }: CopyLayer): readonly TarFile[] {
  const path = resolve(source);
  const isFolder = inspect(path, () => statSync(path)).isDirectory();
  if (isFolder !== (type === "folder")) {
    const [is, method] = isFolder ? ["a folder", "withSourceFolder"] : ["a file", "withSourceFile"];
    throw new FlyteError("invalid_input", `${path} is ${is}; copy it by ${method}.`);
  }
  if (!isFolder) return [readOne(path, basename(path))];
  const folder = new Folder(path);
  folder.read("");
  return folder.files;
}

/** The files of a folder: those of a folder before those of the folders in it, each by name. */
class Folder {
  readonly files: TarFile[] = [];
  readonly #root: string;
  readonly #realRoot: string;
  readonly #patterns: IgnorePatterns;
  #bytes = 0;

  constructor(root: string) {
    this.#root = root;
    this.#realRoot = inspect(root, () => realpathSync(root));
    this.#patterns = readPatterns(join(root, ".dockerignore"));
  }

  read(folder: string): void {
    const path = join(this.#root, folder);
    const entries = inspect(path, () => readdirSync(path, { withFileTypes: true })).sort(byName);
    const folders: string[] = [];
    for (const entry of entries) {
      const name = folder === "" ? entry.name : `${folder}/${entry.name}`;
      const ignored = this.#patterns.ignores(name);
      if (entry.isDirectory()) {
        if (!ignored || this.#patterns.hasExceptions) folders.push(name);
      } else if (!ignored && this.#isFile(entry, name)) this.#add(name);
    }
    for (const name of folders) this.read(name);
  }

  /** Sockets and the like are no files, and left out. */
  #isFile(entry: Dirent, name: string): boolean {
    if (!entry.isSymbolicLink()) return entry.isFile();
    const path = join(this.#root, name);
    const target = inspect(path, () => realpathSync(path));
    const inside = relative(this.#realRoot, target);
    if (inside === ".." || inside.startsWith(`..${sep}`) || resolve(inside) === inside) {
      throw new FlyteError(
        "invalid_input",
        `${path} leads out of the copied folder. Replace it by a file, or list it in .dockerignore.`,
      );
    }
    if (!statSync(target).isDirectory()) return statSync(target).isFile();
    throw new FlyteError(
      "invalid_input",
      `${path} leads to a folder, which would be copied twice. Remove it, or list it in .dockerignore.`,
    );
  }

  #add(name: string): void {
    const file = readOne(join(this.#root, name), name);
    this.#bytes += file.bytes.length;
    if (this.#bytes > mostBytes) throw tooLarge(this.#root);
    this.files.push(file);
  }
}

function readOne(path: string, name: string): TarFile {
  const { size, mode } = inspect(path, () => statSync(path));
  if (size > mostBytes) throw tooLarge(path);
  const bytes = inspect(path, () => readFileSync(path));
  return { path: name, bytes, executable: (mode & 0o100) !== 0 };
}

function readPatterns(file: string): IgnorePatterns {
  try {
    return parseIgnorePatterns(readFileSync(file, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return parseIgnorePatterns("");
    throw unreadable(file, error);
  }
}

function inspect<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, cause: unknown): FlyteError {
  const { code } = cause as NodeJS.ErrnoException;
  const reason =
    code === "ENOENT" ? "there is no such file or folder" : `it cannot be read (${code})`;
  return new FlyteError("invalid_input", `Cannot copy ${path} into the image: ${reason}.`, {
    cause,
  });
}

function tooLarge(path: string): FlyteError {
  return new FlyteError(
    "invalid_input",
    `${path} holds more than 512 MiB. List in .dockerignore what the image does not need, and fetch data when it runs.`,
  );
}

/** The order of code points, which is that of the original's sorting. */
function byName(left: Dirent, right: Dirent): number {
  return Buffer.from(left.name).compare(Buffer.from(right.name));
}
