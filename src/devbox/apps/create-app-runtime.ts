import { FlyteError } from "../../shared/errors.ts";
import type { Launcher } from "../executor/create-executor.ts";
import type { SecretMounter } from "../secrets/secret-mounter.ts";
import type { DevboxLogger } from "../server/logger.ts";
import type { Database } from "../store/database.ts";
import type { AppRoutes } from "./app-routes.ts";
import type { AppRuntime } from "./app-runtime.ts";

export interface AppRuntimeOptions {
  readonly database: Database;
  /** Folder for the work folders, logs and the record of running processes. */
  readonly stateDir: string;
  /** URL of the control plane that apps call back. */
  readonly controlPlaneUrl: string;
  /** What stands for other apps' addresses in `INTERNAL_APP_ENDPOINT_PATTERN`, `{app_fqdn}` included. */
  readonly endpointPattern: (scope: {
    readonly project: string;
    readonly domain: string;
  }) => string;
  /** How commands are run, by command name. */
  readonly launchers: Readonly<Record<string, Launcher>>;
  readonly routes: AppRoutes;
  readonly secrets: SecretMounter;
  readonly log: DevboxLogger;
}

/** Makes the runtime of a state's apps; two must not share one. Nothing runs before `start`. */
export function createAppRuntime(_options: AppRuntimeOptions): AppRuntime {
  const close = async (): Promise<void> => undefined;
  return {
    start: async () => undefined,
    apply: () => undefined,
    remove: async () => undefined,
    state: () => undefined,
    onChange: () => () => undefined,
    acquire: async (id) => {
      throw new FlyteError("not_found", `There is no app ${id}.`);
    },
    logs: {
      replicas: () => [],
      tail: async function* () {},
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
