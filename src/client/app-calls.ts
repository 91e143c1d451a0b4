import type { AppLink, AppSpec } from "./app-spec.ts";
import type { CallOptions, Scope } from "./control-plane.ts";
import type { ListPage, PageOptions } from "./page-options.ts";

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

/**
 * `flyteidl2.app.Status.Substate` in lower case: what a phase is about. A substate this version does
 * not know, and none at all, is `unspecified`.
 */
export type AppSubstate =
  | "unspecified"
  | "pulling_image"
  | "initializing"
  | "webhook_error"
  | "image_pull_error"
  | "secret_mount_error"
  | "crash_loop"
  | "oom_killed"
  | "running"
  | "scaled_to_zero"
  | "scaling_from_zero"
  | "scaling_up"
  | "scaling_down";

/** A state that an app was or is in. */
export interface AppCondition {
  readonly phase: AppPhase;
  readonly substate: AppSubstate;
  /** May be empty. */
  readonly message: string;
  readonly revision: number;
  /** When it began, where that is told. */
  readonly time: Date | undefined;
}

/** The state of an app as the control plane last told it. */
export interface AppStatus extends Scope {
  readonly name: string;
  readonly revision: number;
  /** The app's public address, else that of its own name (CNAME); empty while it has none. */
  readonly endpoint: string;
  /** That of the last condition; `unspecified` without one. */
  readonly phase: AppPhase;
  /** What the phase is about: `active` and `scaled_to_zero`, `failed` and `crash_loop`. */
  readonly substate: AppSubstate;
  /** What the control plane says about the phase; may be empty. */
  readonly message: string;
  /** Whether it takes requests: `active` or `started`. */
  readonly isActive: boolean;
  /** Whether it is switched off: `unassigned` or `stopped`. */
  readonly isDeactivated: boolean;
  /** Address of the app's page in the console. */
  readonly url: string;
  /** How many are running. */
  readonly replicas: number;
  /** Subject of whoever made it, when known. */
  readonly creator: string | undefined;
  readonly createdAt: Date | undefined;
  /** Address of the sources that it was deployed from, when known. */
  readonly sourceLink: string | undefined;
  readonly links: readonly AppLink[];
  /** What the control plane remembers of its states, the last one being the current one. */
  readonly conditions: readonly AppCondition[];
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
  /** With `wait`, called with every state seen after the change. */
  readonly onStatus?: (status: AppStatus) => void;
}

export interface DeployAppOptions extends CallOptions {
  /**
   * Returns only when the app is active, with the state that was waited for. `timeoutMs` limits the
   * wait; without it only `signal` does. Neither takes the change back.
   *
   * @default false
   */
  readonly wait?: boolean;
  /**
   * Kept with the change of an app that exists, at most 100 characters.
   *
   * @default a sentence that says which call it was
   */
  readonly reason?: string;
  /** With `wait`, called with every state seen. */
  readonly onStatus?: (status: AppStatus) => void;
}

export interface DeployedApp {
  readonly status: AppStatus;
  /** What became of it. An app that was as it should be is `unchanged`, and nothing was sent. */
  readonly change: "created" | "updated" | "unchanged";
}

export interface ListAppsOptions extends CallOptions {
  /** Only apps in one of these phases. @default all */
  readonly phases?: readonly AppPhase[];
  /** Only apps made by this subject. @default all */
  readonly creator?: string;
  /**
   * By a field of the control plane, such as `created_at` or `name`. Control planes that cannot sort
   * tell the apps in an order of their own.
   *
   * @default the newest first
   */
  readonly sort?: { readonly by: string; readonly order: "ascending" | "descending" };
  /** The most that are told, from 1 to 10,000. @default 10_000 */
  readonly limit?: number;
}

export interface AppLogsOptions extends CallOptions {
  /** Only this replica. @default all, those that start later included */
  readonly replica?: string;
  /**
   * Whether to go on with what is written from then on. Without it the lines end when none came for
   * a second: control planes do not tell where the past ends.
   *
   * @default true
   */
  readonly follow?: boolean;
}

/** A line that a replica wrote. */
export interface AppLogLine {
  readonly message: string;
  readonly time: Date | undefined;
  /** Name of the replica; empty where it is not told. */
  readonly replica: string;
}

/** The calls about apps. */
export interface AppCalls {
  /**
   * Creates an app that is to be active, or replaces the one of its name: with a new revision, or not
   * at all when it is so already. Its creator stays, and so do its address and its labels where the
   * new description has none. Safe to repeat. A change that someone else makes meanwhile is read and
   * replaced, up to three times.
   *
   * @throws FlyteError `conflict` when others keep changing it, or when its address is that of
   * another app; `invalid_input` for what the control plane does not take; with `wait` `app_failed`
   * when it fails or is switched off meanwhile, `deadline_exceeded` when it takes longer than
   * `timeoutMs`
   */
  deploy(spec: AppSpec, options?: DeployAppOptions): Promise<DeployedApp>;
  /** Deletes an app and ends what runs of it. One that does not exist is fine. */
  delete(app: AppRef, options?: CallOptions): Promise<void>;
  /**
   * The apps of a project and domain, read page by page as they are asked for.
   *
   * @throws FlyteError `invalid_input` for a limit that is none
   */
  list(scope?: Partial<Scope>, options?: ListAppsOptions): AsyncIterable<AppStatus>;
  /**
   * One page of {@link AppCalls.list}. Where a control plane does not heed a filter, a page may have less than its limit, and
   * a next one nevertheless.
   *
   * @throws FlyteError `invalid_input` for a limit or an `after` that is none
   */
  page(
    scope?: Partial<Scope>,
    options?: Omit<ListAppsOptions, "limit"> & PageOptions,
  ): Promise<ListPage<AppStatus>>;
  /**
   * What the replicas of an app wrote, lately and from then on. Reconnects by itself, and tells no line
   * twice; ends when the app is deleted, or has no replica any more that could write.
   *
   * @throws FlyteError `not_found` when there is no such app
   */
  logs(app: AppRef, options?: AppLogsOptions): AsyncIterable<AppLogLine>;
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
