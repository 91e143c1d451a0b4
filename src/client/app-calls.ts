import type { CallOptions, Scope } from "./control-plane.ts";

export interface AppRef extends Partial<Scope> {
  readonly name: string;
}

/** `flyteidl2.app.Status.DeploymentStatus` in lower case. */
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
  /** The app's public address; empty while it has none. */
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
   * `timeoutMs` limits the wait.
   *
   * @default false
   */
  readonly wait?: boolean;
  /** Kept with the change, at most 100 characters. */
  readonly reason?: string;
}

/** The calls about apps. */
export interface AppCalls {
  /** @throws FlyteError `not_found` when there is no such app */
  get(app: AppRef, options?: CallOptions): Promise<AppStatus>;
  /**
   * Switches an app on; one that is on stays as it is. The state is the one read back after the
   * change (or after the wait).
   *
   * @throws FlyteError `not_found`; with `wait` `app_failed` when the app fails or is switched off
   * meanwhile, `deadline_exceeded` when it takes longer than `timeoutMs`
   */
  activate(app: AppRef, options?: ToggleAppOptions): Promise<AppStatus>;
  /** Switches an app off, as {@link AppCalls.activate} switches it on. */
  deactivate(app: AppRef, options?: ToggleAppOptions): Promise<AppStatus>;
  /** Every change of state, the current one first. Reconnects by itself; ends when the app is deleted. */
  watch(app: AppRef, options?: CallOptions): AsyncIterable<AppStatus>;
}
