import { basename } from "node:path";
import { pathToFileURL } from "node:url";
import type { AppEnvironment } from "../app/environment/app-environment.ts";
import { FlyteError } from "../shared/errors.ts";
import { nearestName } from "../shared/nearest-name.ts";
import { entryFile } from "../shared/package-files.ts";
import type { Task } from "../tasks/define-task.ts";
import { findTasks } from "../tasks/find-tasks.ts";
import { loadFile } from "./load-file.ts";

/** The package as a file sees it: the same copy, so that its environments are known. */
export type LoadedPackage = Pick<
  typeof import("../index.ts"),
  "AppEnvironment" | "FlyteWebhookAppEnvironment" | "createControlPlane" | "deploy"
>;

export function loadPackage(): Promise<LoadedPackage> {
  return import(pathToFileURL(entryFile("index")).href) as Promise<LoadedPackage>;
}

/** What a file exports that can be deployed. */
export interface Deployable {
  readonly tasks: readonly Task[];
  readonly environments: readonly AppEnvironment[];
}

/**
 * Loads a file and finds the tasks and app environments that it exports.
 *
 * @param name of one of the apps, or of its export; without it all
 * @throws FlyteError `invalid_config` when the file cannot be loaded or has nothing of the kind, naming
 * what there is
 */
export async function loadDeployable(
  file: string,
  name: string | undefined,
  { AppEnvironment: Environment }: LoadedPackage,
): Promise<Deployable> {
  const exported = await loadFile(file, "tasks or app environments");
  const tasks = [...findTasks(exported, basename(file)).values()];
  const found = Object.entries(exported).filter(([, value]) => value instanceof Environment);
  const environments = new Map(found as readonly (readonly [string, AppEnvironment])[]);
  if (tasks.length + environments.size === 0) {
    throw new FlyteError(
      "invalid_config",
      `${basename(file)} exports no task and no app environment; export what defineTask returns, or an app environment.`,
    );
  }
  const all = [...new Set(environments.values())];
  if (name === undefined) return { tasks, environments: all };
  const meant = environments.get(name) ?? all.find((environment) => environment.name === name);
  if (meant !== undefined) return { tasks: [], environments: [meant] };
  const names = all.map((environment) => environment.name);
  const nearest = nearestName(name, [...names, ...environments.keys()]);
  const question = nearest === undefined ? "" : ` Did you mean "${nearest}"?`;
  const there = names.length === 0 ? "none" : names.join(", ");
  throw new FlyteError(
    "invalid_config",
    `${basename(file)} exports no app environment "${name}".${question} There are: ${there}.`,
  );
}
