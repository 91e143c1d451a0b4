import { readFile, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, relative, resolve, sep } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { packTar, type TarFile } from "../../shared/tar.ts";
import { invalidConfig } from "../environment/invalid-config.ts";
import { bundleCode, moduleName } from "./bundle-code.ts";

/** The code of an app, as it is uploaded. */
export interface CodeBundle {
  readonly filename: string;
  /** A gzipped tar archive: the module {@link moduleName}, and the included files beside it. */
  readonly bytes: Uint8Array;
}

/** Byte of a gzip header that names the system, and what stands for none. */
const [systemAt, noSystem] = [9, 255];

/**
 * Packs the file that declares an app, all it imports, and the files that the app includes. Equal
 * content has equal bytes.
 *
 * @param include paths relative to the folder of `file`, and below it
 * @throws FlyteError `invalid_config` naming what cannot be bundled or read
 */
export async function packCode(file: string, include: readonly string[]): Promise<CodeBundle> {
  const folder = dirname(file);
  const paths = [...new Set(include.map((path) => toPlace(folder, path)))].sort();
  const module_ = { path: moduleName, bytes: await bundleCode(file) };
  const files = await Promise.all(paths.map((path) => read(folder, path)));
  const bytes = await promisify(gzip)(packTar([module_, ...files]), { level: 9 });
  bytes[systemAt] = noSystem;
  return { filename: `${basename(file).replace(/\.[^.]*$/, "")}.tgz`, bytes };
}

/** The path inside the bundle. */
function toPlace(folder: string, path: string): string {
  const place = relative(folder, resolve(folder, path)).split(sep).join("/");
  if (isAbsolute(path) || place === "" || place === ".." || place.startsWith("../")) {
    throw invalidConfig(
      `include ${JSON.stringify(path)} must be a path below the folder of the file that declares the app.`,
    );
  }
  if (place !== moduleName && !place.startsWith("node_modules/")) return place;
  throw invalidConfig(
    `include ${JSON.stringify(path)} is the place of the app's own code in its bundle. Give the file another name.`,
  );
}

async function read(folder: string, path: string): Promise<TarFile> {
  const place = resolve(folder, path);
  try {
    const [bytes, { mode }] = await Promise.all([readFile(place), stat(place)]);
    return { path, bytes, executable: (mode & 0o100) !== 0 };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reasons: Readonly<Record<string, string>> = {
      ENOENT: "there is no such file",
      EISDIR: "it is a folder: name its files",
    };
    throw invalidConfig(
      `include ${JSON.stringify(path)} cannot be read: ${reasons[code ?? ""] ?? code}.`,
    );
  }
}
