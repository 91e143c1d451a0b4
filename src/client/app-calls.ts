import type { CallOptions, Scope } from "./control-plane.ts";

/** An app. Project and domain default to those of the control plane. */
export interface AppRef extends Partial<Scope> {
  /** Up to 63 letters, digits and hyphens. */
  readonly name: string;
}

/**
 * `flyteidl2.app.Status.DeploymentStatus` in lower case. A status this version does not know is
 * `unspecified`.
 */
export type AppPhase =
  | "unspecified"
  | "unassigned"
  | "assigned"
  | "pending"
  | "stopped"
  | "started"
  | "failed"
  | "active"
  | "scaling_up"
  | "scaling_down"
  | "deploying";

/** The state of an app as the control plane last told it. */
export interface AppStatus extends Scope {
  readonly name: string;
  readonly revision: number;
  /** The app's public address, else that of its own name (CNAME); empty while it has none. */
  readonly endpoint: string;
  /** That of the last condition; `unspecified` without one. */
  readonly phase: AppPhase;
  /** What the control plane says about the phase; may be empty. */
  readonly message: string;
  /** Whether it takes requests: `active` or `started`. */
  readonly isActive: boolean;
  /** Whether it is switched off: `unassigned` or `stopped`. */
  readonly isDeactivated: boolean;
  /** Address of the app's page in the console. */
  readonly url: string;
}

export interface ToggleAppOptions extends CallOptions {
  /**
   * Returns only when the app is in the wanted state, with the state that was waited for.
   * `timeoutMs` limits the wait; without it only `signal` does. Neither takes the change back.
   *
   * @default false
   */
  readonly wait?: boolean;
  /**
   * Kept with the change, at most 100 characters.
   *
   * @default a sentence that says which call it was
   */
  readonly reason?: string;
}

/** The calls about apps. */
export interface AppCalls {
  /** @throws FlyteError `not_found` when there is no such app */
  get(app: AppRef, options?: CallOptions): Promise<AppStatus>;
  /**
   * Switches an app on. One that is on is left alone, unless it is about to stop. The state is the
   * one the control plane answered the change with, or the one waited for; without `wait` the app
   * may still be on its way.
   *
   * Control planes answer from caches, so a wait takes a state for the one before the change until
   * the app was seen on its way: being switched off counts against it only after that, and the
   * failure it began with counts only after a minute.
   *
   * @throws FlyteError `not_found`, with `wait` also when it is deleted meanwhile; with `wait`
   * `app_failed` when the app fails or is switched off meanwhile, and `deadline_exceeded`, which
   * names the last phase, when it takes longer than `timeoutMs`; `invalid_input` for a reason that
   * is too long
   */
  activate(app: AppRef, options?: ToggleAppOptions): Promise<AppStatus>;
  /** Switches an app off, as {@link AppCalls.activate} switches it on. */
  deactivate(app: AppRef, options?: ToggleAppOptions): Promise<AppStatus>;
  /**
   * Every change of state, the current one first. Reconnects by itself; ends when the app is
   * deleted.
   *
   * @throws FlyteError `not_found` when there is no such app
   */
  watch(app: AppRef, options?: CallOptions): AsyncIterable<AppStatus>;
}
