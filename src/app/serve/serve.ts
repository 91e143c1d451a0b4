import type { AppEnvironment } from "../environment/app-environment.ts";
import { isCallOfLoadedFile } from "../environment/app-process.ts";
import type { AppHandle } from "./app-handle.ts";
import { ownApp } from "./own-app.ts";
import { serveLocally } from "./serve-locally.ts";
import type { ServeOptions } from "./serve-options.ts";

/**
 * Serves an app on this machine, and what it depends on before it: a Fastify app inside this
 * process, an app with `command` or `args` as a process of its own. Resolves when it is healthy,
 * that is when its health path answers with a status below 500.
 *
 * Everything that is served ends with this process. A signal (SIGINT, SIGTERM, SIGHUP) stops it
 * first, running requests answered, and then ends the process unless that listens for the signal
 * itself.
 *
 * @example
 * await using app = await serve(env, { port: 0 });
 * const answer = await fetch(`${app.endpoint}/health`);
 *
 * @throws FlyteError `invalid_config` naming a taken port, a missing secret or what else is wrong;
 * `conflict` when an app of the name is served already; `app_failed` when it throws or ends while it
 * starts; `deadline_exceeded` when it is not healthy in time
 */
export function serve(env: AppEnvironment, options?: ServeOptions): Promise<AppHandle>;
/** Serves several apps. When one does not start, none is left. */
export function serve(
  envs: readonly AppEnvironment[],
  options?: ServeOptions,
): Promise<readonly AppHandle[]>;
export async function serve(
  given: AppEnvironment | readonly AppEnvironment[],
  options: ServeOptions = {},
): Promise<AppHandle | readonly AppHandle[]> {
  const environments = isList(given) ? given : [given];
  const apps = await serveAll(environments, options);
  if (isList(given)) return apps;
  const [app] = apps;
  if (app === undefined) throw new Error("an app was asked for and none was served");
  return app;
}

function serveAll(
  environments: readonly AppEnvironment[],
  options: ServeOptions,
): Promise<readonly AppHandle[]> | readonly AppHandle[] {
  if (isCallOfLoadedFile()) return environments.map(ownApp);
  return serveLocally(environments, options);
}

function isList<Item>(given: Item | readonly Item[]): given is readonly Item[] {
  return Array.isArray(given);
}
