import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { AppEnvironment } from "../app/environment/app-environment.ts";
import { FlyteError } from "../shared/errors.ts";
import { nearestName } from "../shared/nearest-name.ts";
import { entryFile } from "../shared/package-files.ts";
import { bundleApp } from "./bundle-app.ts";

/** The package as the app's file sees it: the same copy, so that its environments are known. */
type Package = Pick<typeof import("../index.ts"), "AppEnvironment" | "serve">;

export interface LoadedEnvironment {
  readonly environment: AppEnvironment;
  readonly serve: Package["serve"];
}

/**
 * Loads a TypeScript or JavaScript file and finds the app environment it exports.
 *
 * @param name of the export, or of the environment; without it the only one
 * @throws FlyteError `invalid_config` when the file cannot be loaded, and when no environment or no
 * single one is meant, naming those there are
 */
export async function loadEnvironment(file: string, name?: string): Promise<LoadedEnvironment> {
  const path = resolve(file);
  if (!(await isFile(path))) throw noFile(file);
  const package_ = (await import(pathToFileURL(entryFile("index")).href)) as Package;
  const exported = await load(path);
  const environments = new Map<string, AppEnvironment>();
  for (const [key, value] of Object.entries(exported)) {
    if (value instanceof package_.AppEnvironment) environments.set(key, value);
  }
  return { environment: choose(environments, basename(path), name), serve: package_.serve };
}

async function isFile(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ?? false;
}

function noFile(file: string): FlyteError {
  return new FlyteError(
    "invalid_config",
    `Cannot read ${file}: there is no such file. Give the path of a TypeScript or JavaScript file that exports an app environment.`,
  );
}

async function load(path: string): Promise<object> {
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

function choose(
  environments: ReadonlyMap<string, AppEnvironment>,
  file: string,
  name: string | undefined,
): AppEnvironment {
  const all = [...new Set(environments.values())];
  const [only] = all;
  if (only === undefined) {
    throw new FlyteError(
      "invalid_config",
      `${file} exports no app environment; export what new FlyteWebhookAppEnvironment, new FastifyAppEnvironment or new AppEnvironment gives.`,
    );
  }
  const names = all.map((environment) => environment.name);
  if (name === undefined) {
    if (all.length === 1) return only;
    throw new FlyteError(
      "invalid_config",
      `${file} exports ${all.length} app environments; name one of: ${names.join(", ")}.`,
    );
  }
  const meant = environments.get(name) ?? all.find((environment) => environment.name === name);
  if (meant !== undefined) return meant;
  const nearest = nearestName(name, [...names, ...environments.keys()]);
  const question = nearest === undefined ? "" : ` Did you mean "${nearest}"?`;
  throw new FlyteError(
    "invalid_config",
    `${file} exports no app environment "${name}".${question} There are: ${names.join(", ")}.`,
  );
}
