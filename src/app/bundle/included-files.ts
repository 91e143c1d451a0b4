import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { matchesGlob } from "../../shared/glob.ts";
import type { TarFile } from "../../shared/tar.ts";
import { invalidConfig } from "../environment/invalid-config.ts";
import { moduleName } from "./bundle-code.ts";

/** Most files that travel with an app. */
const maxFiles = 10_000;
/** Most bytes of them together. */
const maxBytes = 512 * 1024 ** 2;

/**
 * The files that an app includes, by path. A folder means all in it; packages and hidden folders are
 * not looked into for patterns.
 *
 * @param include paths and patterns below `folder`
 * @throws FlyteError `invalid_config` for one that means no file, and for too much
 */
export async function includedFiles(
  folder: string,
  include: readonly string[],
): Promise<readonly TarFile[]> {
  const found = await findIncluded(folder, include);
  assertFree(found);
  const files: TarFile[] = [];
  let length = 0;
  for (const path of [...found].sort()) {
    const file = await read(folder, path);
    length += file.bytes.length;
    if (length > maxBytes) throw tooMuch("more than 512 MiB");
    files.push(file);
  }
  return files;
}

/**
 * The paths of the files that an app includes.
 *
 * @throws FlyteError `invalid_config` for an entry that means no file, and for too many
 */
export async function findIncluded(
  folder: string,
  include: readonly string[],
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const entry of include) {
    const paths = await findFiles(folder, entry);
    if (paths.length === 0) {
      throw invalidConfig(
        `${JSON.stringify(entry)} in include means no file beside the one that declares the app, in ${folder}.`,
      );
    }
    for (const path of paths) found.add(path);
    if (found.size > maxFiles) throw tooMuch(`more than ${maxFiles} files`);
  }
  return found;
}

async function findFiles(folder: string, entry: string): Promise<readonly string[]> {
  const path = entry
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/");
  const found = await stat(join(folder, path)).catch(() => undefined);
  if (found?.isFile() === true) return [path];
  if (found?.isDirectory() === true) return walk(folder, path);
  if (!/[*?]/.test(path)) return [];
  return (await walk(folder, "")).filter((file) => matchesGlob(`./${path}`, file));
}

async function walk(folder: string, below: string): Promise<readonly string[]> {
  const entries = await readdir(join(folder, below), { withFileTypes: true });
  const paths = entries.map(async (entry) => {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isFile()) return [path];
    const isOwn = entry.name !== "node_modules" && !entry.name.startsWith(".");
    return entry.isDirectory() && isOwn ? walk(folder, path) : [];
  });
  return (await Promise.all(paths)).flat();
}

/** The places that the code itself takes. */
function assertFree(paths: ReadonlySet<string>): void {
  for (const path of paths) {
    if (path !== moduleName && !path.startsWith("node_modules/")) continue;
    throw invalidConfig(
      `${JSON.stringify(path)} in include is where the code of the app goes. Give the file another place.`,
    );
  }
}

async function read(folder: string, path: string): Promise<TarFile> {
  const place = join(folder, path);
  try {
    const [bytes, { mode }] = await Promise.all([readFile(place), stat(place)]);
    return { path, bytes, executable: (mode & 0o100) !== 0 };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw invalidConfig(`${place}, which is in include, cannot be read (${code}).`);
  }
}

function tooMuch(what: string): Error {
  return invalidConfig(
    `The files in include are ${what}. Put them into the image, or fetch data when the app starts.`,
  );
}
