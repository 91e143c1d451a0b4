import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { becomeAppProcess } from "../shared/app-process.ts";
import { FlyteError } from "../shared/errors.ts";
import { bundleApp } from "./bundle-app.ts";

/**
 * Loads a TypeScript or JavaScript file; resolves with what it exports.
 *
 * @param content what it should export, for the error: `an app environment`
 * @throws FlyteError `invalid_config` when it is not there or cannot be loaded
 */
export async function loadFile(file: string, content: string): Promise<object> {
  const path = resolve(file);
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true) {
    const what = found?.isDirectory() === true ? "it is a folder" : "there is no such file";
    throw new FlyteError(
      "invalid_config",
      `Cannot read ${file}: ${what}. Give the path of a TypeScript or JavaScript file that exports ${content}.`,
    );
  }
  becomeAppProcess(); // What the file does at its top level is not for this process.
  const folder = await mkdtemp(join(tmpdir(), "flyte-webhook-app-"));
  const target = join(folder, "app.mjs");
  try {
    await writeFile(target, await bundleApp(path, target));
    return (await import(pathToFileURL(target).href)) as object;
  } catch (error) {
    if (FlyteError.is(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    const message = `Cannot load ${basename(path)}: ${reason}`;
    throw new FlyteError("invalid_config", message, { cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
