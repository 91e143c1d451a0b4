import type { AppRow } from "../store/apps.ts";

/** What the gateway has to know of an app before it lets a request through. */
export interface RoutedApp {
  readonly id: number;
  readonly project: string;
  readonly domain: string;
  readonly name: string;
  /** Whether requests without a credential reach it. */
  readonly allowAnonymous: boolean;
  /** Longest time until its answer begins. */
  readonly requestTimeoutMs: number;
}

/** Which app a host name leads to. Kept by the runtime, asked by the gateway and the services. */
export interface AppRoutes {
  /** The app of a `Host` without its port, in any case of letters. O(1). */
  find(hostname: string): RoutedApp | undefined;
  /** The first of a row's host names that another app has. */
  taken(row: Pick<AppRow, "project" | "domain" | "name" | "app">): string | undefined;
  set(row: AppRow): void;
  delete(id: number): void;
  /** The public address of an app, for example `http://hello-flytesnacks-development.localhost:30081`. */
  publicUrl(row: Pick<AppRow, "project" | "domain" | "name">): string;
  /** The address of its custom domain; undefined without one. */
  customUrl(row: Pick<AppRow, "app">): string | undefined;
}

export interface AppRoutesOptions {
  /** Base of the public addresses, for example `http://localhost:30081`. */
  readonly gatewayUrl: string;
}

export function createAppRoutes(_options: AppRoutesOptions): AppRoutes {
  return {
    find: () => undefined,
    taken: () => undefined,
    set: () => undefined,
    delete: () => undefined,
    publicUrl: () => "",
    customUrl: () => undefined,
  };
}
