import { type ContextKey, createContextKey } from "@connectrpc/connect";

/** Who a request to the devbox comes from. */
export interface Caller {
  readonly subject: string;
  readonly name: string;
  readonly email: string;
  /** Set for the token of a task: nothing but this run may be touched, whatever the user's roles say. */
  readonly onlyRun?: { readonly project: string; readonly domain: string; readonly run: string };
}

/** What is asked about: all of a project and domain, or one run in it. */
export interface AskedScope {
  readonly project: string;
  readonly domain: string;
  readonly run?: string;
}

/** What a role allows, from least to most. */
export type Permission = "read" | "run" | "deploy" | "admin";

/** Set by the server for every RPC before a service sees it. */
export const callerKey: ContextKey<Caller | undefined> = createContextKey<Caller | undefined>(
  undefined,
);

/** Answers what callers may do, by their roles per project and domain. */
export interface Authorizer {
  /**
   * @throws ConnectError `unauthenticated` without a caller, `permission_denied` without the right
   */
  require(caller: Caller | undefined, permission: Permission, scope: AskedScope): Caller;
  /** For lists that span scopes. */
  allows(caller: Caller, permission: Permission, scope: AskedScope): boolean;
}
