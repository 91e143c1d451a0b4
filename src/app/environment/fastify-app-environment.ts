import {
  AppEnvironment,
  type AppEnvironmentOptions,
  type AppEnvironmentOverrides,
} from "./app-environment.ts";
import { withHooks } from "./app-hooks.ts";
import type { AppServer } from "./app-server.ts";
import { type FastifyAppSource, fastifyServer } from "./fastify-server.ts";
import { invalidConfig, show } from "./invalid-config.ts";

export interface FastifyAppEnvironmentOptions
  extends Omit<AppEnvironmentOptions, "command" | "args" | "server"> {
  /**
   * The app, or a function that makes it: called at each start, so that the app can be stopped and
   * started again. A ready app can be served once.
   */
  readonly app: FastifyAppSource;
}

/**
 * A Fastify app and everything it needs. It runs inside the process that serves it.
 *
 * @example
 * const env = new FastifyAppEnvironment({ name: "custom-webhook", app: createApp });
 * const app = await serve(env);
 *
 * @throws FlyteError `invalid_config` naming the option, the rule and the remedy
 */
export class FastifyAppEnvironment extends AppEnvironment {
  /** @internal */
  static override readonly optionNames: readonly string[] = [
    ...AppEnvironment.optionNames.filter((name) => !["command", "args", "server"].includes(name)),
    "app",
  ];

  readonly app: FastifyAppSource;
  override readonly server: AppServer;

  constructor(options: FastifyAppEnvironmentOptions) {
    super({ type: "Fastify", ...options });
    const { app, onStartup, onShutdown } = options;
    if (typeof app !== "function" && typeof app?.listen !== "function") {
      throw invalidConfig(
        `app ${show(app)} of "${this.name}" must be a Fastify app, or a function that makes one.`,
      );
    }
    this.app = app;
    this.server = withHooks(fastifyServer(app), { onStartup, onShutdown });
  }

  override cloneWith(
    name: string,
    overrides: Partial<Omit<FastifyAppEnvironmentOptions, "name">> = {},
  ): this {
    return super.cloneWith(name, overrides as AppEnvironmentOverrides);
  }
}
