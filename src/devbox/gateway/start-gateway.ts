import type { AppRoutes } from "../apps/app-routes.ts";
import type { AppRuntime } from "../apps/app-runtime.ts";
import type { AuthenticateOptions } from "../auth/authenticate.ts";
import type { Authorizer } from "../auth/caller.ts";
import type { DevboxLogger } from "../server/logger.ts";

/** Where the gateway listens. */
export interface GatewayOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly log: DevboxLogger;
}

/** What stands behind the gateway once it is there; before, requests are answered with 503. */
export interface GatewayBackend {
  readonly runtime: AppRuntime;
  readonly routes: AppRoutes;
  readonly authentication: AuthenticateOptions;
  readonly authorizer: Authorizer;
}

export interface Gateway {
  readonly port: number;
  /** Base of the public addresses: `http://localhost:PORT`. */
  readonly url: string;
  serve(backend: GatewayBackend): void;
  /** Stops accepting, lets running requests end within a grace time. */
  close(): Promise<void>;
}

/** Starts the gateway, the one door to all apps. */
export async function startGateway({ port }: GatewayOptions): Promise<Gateway> {
  return {
    port,
    url: `http://localhost:${port}`,
    serve: () => undefined,
    close: async () => undefined,
  };
}
