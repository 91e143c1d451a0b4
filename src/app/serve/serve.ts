import type { AppEnvironment } from "../environment/app-environment.ts";
import type { AppHandle } from "./app-handle.ts";
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
  if (!isList(given)) {
    const [app] = await serveLocally([given], options);
    if (app === undefined) throw new Error("an app was asked for and none was served");
    return app;
  }
  return serveLocally(given, options);
}

function isList<Item>(given: Item | readonly Item[]): given is readonly Item[] {
  return Array.isArray(given);
}
