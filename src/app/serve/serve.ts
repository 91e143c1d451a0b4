import { connectedControlPlane } from "../../client/init-current.ts";
import { hasOwnCredential } from "../../client/own-credential.ts";
import { isCallOfLoadedFile } from "../../shared/app-process.ts";
import type { AppEnvironment } from "../environment/app-environment.ts";
import type { AppHandle } from "./app-handle.ts";
import { ownApp } from "./own-app.ts";
import { serveLocally } from "./serve-locally.ts";
import type { ServeOptions } from "./serve-options.ts";

/**
 * Serves an app, and what it depends on before it. Where this process was connected to a control
 * plane with a credential of its own, the apps are deployed there, and are active when this resolves;
 * they stay when this process ends. An app that is there already as it should be is left alone.
 *
 * Else it is served on this machine: a Fastify app inside this process, an app with `command` or
 * `args` as a process of its own. Resolves when it is healthy, that is when its health path answers
 * with a status below 500. Everything that is served here ends with this process. A signal (SIGINT, SIGTERM, SIGHUP) stops it
 * first, running requests answered, and then ends the process unless that listens for the signal
 * itself.
 *
 * @example
 * await using app = await serve(env, { port: 0 });
 * const answer = await fetch(`${app.endpoint}/health`);
 *
 * In the process that serves the app of a file, `serve` at the top level of that file gives the app as
 * it is, and starts nothing.
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

async function serveAll(
  environments: readonly AppEnvironment[],
  options: ServeOptions,
): Promise<readonly AppHandle[]> {
  if (isCallOfLoadedFile()) return environments.map(ownApp);
  const { mode = isConnected() ? "remote" : "local" } = options;
  if (mode !== "remote") return serveLocally(environments, options);
  // Loaded when it is used: a deployed app, which imports `serve` too, never gets here.
  const { serveRemotely } = await import("./serve-remotely.ts");
  return serveRemotely(environments, options);
}

/** As somebody: callers' credentials deploy nothing. */
function isConnected(): boolean {
  const controlPlane = connectedControlPlane();
  return controlPlane !== undefined && hasOwnCredential(controlPlane);
}

function isList<Item>(given: Item | readonly Item[]): given is readonly Item[] {
  return Array.isArray(given);
}
