import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { AppProcess } from "../../shared/app-process.ts";
import { FlyteError } from "../../shared/errors.ts";
import { nearestName } from "../../shared/nearest-name.ts";
import { moduleName } from "../bundle/bundle-code.ts";
import type { AppEnvironment } from "../environment/app-environment.ts";
import type { AppServer } from "../environment/app-server.ts";

/** An app that runs inside the process that serves it. */
export interface LoadedApp {
  readonly environment: AppEnvironment;
  readonly server: AppServer;
}

/**
 * Imports the module of an unpacked bundle and finds an environment in it: one that it exports, else
 * one that it makes.
 *
 * @throws FlyteError `app_failed` when the module cannot be loaded, `invalid_config` when it holds no
 * such app
 */
export async function loadApp(
  folder: string,
  name: string,
  { declared: made }: AppProcess,
): Promise<LoadedApp> {
  const exported = await importModule(join(folder, moduleName), name);
  const declared = made as readonly AppEnvironment[]; // Environments alone are noted.
  const exports = declared.filter((environment) => Object.values(exported).includes(environment));
  const environment = [...declared, ...exports].findLast((found) => found.name === name);
  if (environment === undefined) {
    const names = declared.map((found) => found.name);
    const nearest = nearestName(name, names);
    const question = nearest === undefined ? "" : ` Did you mean "${nearest}"?`;
    const there = names.length === 0 ? "none" : names.join(", ");
    throw new FlyteError(
      "invalid_config",
      `The code makes no app environment "${name}".${question} There are: ${there}.`,
    );
  }
  const { server } = environment;
  if (server !== undefined) return { environment, server };
  throw new FlyteError(
    "invalid_config",
    `The app "${name}" has no server of its own: deploy it with its command.`,
  );
}

async function importModule(path: string, name: string): Promise<object> {
  // Positions in errors are those of the app's source, not of its bundle. What was loaded before does
  // without: its maps would be read, too.
  process.setSourceMapsEnabled(true);
  try {
    return (await import(pathToFileURL(path).href)) as object;
  } catch (error) {
    if (FlyteError.is(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new FlyteError("app_failed", `The code of the app "${name}" failed: ${reason}`, {
      cause: error,
    });
  }
}
