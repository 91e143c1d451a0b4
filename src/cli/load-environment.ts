import { basename } from "node:path";
import { pathToFileURL } from "node:url";
import type { AppEnvironment } from "../app/environment/app-environment.ts";
import { FlyteError } from "../shared/errors.ts";
import { nearestName } from "../shared/nearest-name.ts";
import { entryFile } from "../shared/package-files.ts";
import { loadFile } from "./load-file.ts";

/** The package as the app's file sees it: the same copy, so that its environments are known. */
type Package = Pick<typeof import("../index.ts"), "AppEndpoint" | "AppEnvironment" | "serve">;

export interface LoadedEnvironment extends Pick<Package, "AppEndpoint" | "serve"> {
  readonly environment: AppEnvironment;
}

/**
 * Loads a TypeScript or JavaScript file and finds the app environment it exports.
 *
 * @param name of the export, or of the environment; without it the only one
 * @throws FlyteError `invalid_config` when the file cannot be loaded, and when no environment or no
 * single one is meant, naming those there are
 */
export async function loadEnvironment(file: string, name?: string): Promise<LoadedEnvironment> {
  const exported = await loadFile(file, "an app environment");
  const package_ = (await import(pathToFileURL(entryFile("index")).href)) as Package;
  const environments = new Map<string, AppEnvironment>();
  for (const [key, value] of Object.entries(exported)) {
    if (value instanceof package_.AppEnvironment) environments.set(key, value);
  }
  const { AppEndpoint, serve } = package_;
  return { environment: choose(environments, basename(file), name), AppEndpoint, serve };
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
