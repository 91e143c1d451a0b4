import type { AppContext, AppServer } from "./app-server.ts";
import { invalidConfig, show } from "./invalid-config.ts";
import { runningApp } from "./running-app.ts";

export interface AppHooks {
  /** Runs before the app is made. The app is not started when it throws. */
  readonly onStartup?: ((context: AppContext) => unknown) | undefined;
  /**
   * Runs once after each start, when the app has stopped, has ended by itself or could not be
   * started, also when that was because of `onStartup`.
   */
  readonly onShutdown?: ((context: AppContext) => unknown) | undefined;
}

/** @throws FlyteError `invalid_config` for a hook that is no function */
export function checkHooks(app: string, hooks: Readonly<Record<string, unknown>>): void {
  for (const [name, hook] of Object.entries(hooks)) {
    if (hook === undefined || typeof hook === "function") continue;
    throw invalidConfig(`${name} of "${app}" must be a function, not ${show(hook)}.`);
  }
}

/** Puts hooks around the life of an app, and lets all its code know which app it belongs to. */
export function withHooks(start: AppServer, { onStartup, onShutdown }: AppHooks): AppServer {
  return (context) => {
    let ending: Promise<void> | undefined;
    const shutDown = (): Promise<void> => {
      ending ??= runningApp.run(context, async () => void (await onShutdown?.(context)));
      return ending;
    };
    return runningApp.run(context, async () => {
      try {
        await onStartup?.(context);
        const running = await start(context);
        // Who stops the app later hears of what goes wrong then.
        running.ended?.addEventListener("abort", () => void shutDown().catch(() => undefined));
        return {
          ...running,
          stop: (graceMs: number) => running.stop(graceMs).finally(shutDown),
        };
      } catch (error) {
        await shutDown().catch(() => undefined); // The first error is the one to be told.
        throw error;
      }
    });
  };
}
