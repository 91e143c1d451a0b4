import { basename, dirname } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { packTar, type TarFile } from "../../shared/tar.ts";
import { bundleCode, moduleName } from "./bundle-code.ts";
import { includedFiles } from "./included-files.ts";

/** The code of an app, as it is uploaded. */
export interface CodeBundle {
  readonly filename: string;
  /** A gzipped tar archive: the module {@link moduleName} where there is code, and the included files beside it. */
  readonly bytes: Uint8Array;
}

/** Byte of a gzip header that names the system, and what stands for none. */
const [systemAt, noSystem] = [9, 255];

/**
 * Packs the file that declares an app, all it imports, and the files that the app includes. Equal
 * content has equal bytes.
 *
 * @param include paths and patterns below the folder of `file`
 * @throws FlyteError `invalid_config` naming what cannot be bundled or read
 */
export async function packCode(file: string, include: readonly string[]): Promise<CodeBundle> {
  const [code, files] = await Promise.all([
    bundleCode(file),
    includedFiles(dirname(file), include),
  ]);
  return pack(file, [{ path: moduleName, bytes: code }, ...files]);
}

/**
 * Packs the files that an app includes, without the code of the file that declares it.
 *
 * @throws FlyteError `invalid_config` naming what cannot be read
 */
export async function packFiles(file: string, include: readonly string[]): Promise<CodeBundle> {
  return pack(file, await includedFiles(dirname(file), include));
}

async function pack(file: string, files: readonly TarFile[]): Promise<CodeBundle> {
  const archive = packTar(files);
  const bytes = await promisify(gzip)(archive, { level: 9 });
  bytes[systemAt] = noSystem;
  return { filename: `${basename(file).replace(/\.[^.]*$/, "")}.tgz`, bytes };
}
