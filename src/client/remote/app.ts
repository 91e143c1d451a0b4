import type {
  AppCondition,
  AppLogLine,
  AppLogsOptions,
  AppRef,
  AppStatus,
  DeployAppOptions,
  DeployedApp,
  ListAppsOptions,
  ToggleAppOptions,
} from "../app-calls.ts";
import type { AppSpec } from "../app-spec.ts";
import type { CallOptions, ControlPlane, Scope } from "../control-plane.ts";
import { controlPlaneOf, type RemoteOptions } from "./remote-options.ts";

/**
 * An app. What its getters tell is the state as last read; `refresh`, `activate`, `deactivate` and
 * `watch` read it anew. It stays with the control plane it was found on.
 *
 * @example
 * ```ts
 * import { remote } from "flyte-webhook";
 *
 * const app = await remote.App.get({ name: "dashboard" });
 * await app.activate({ wait: true, timeoutMs: 120_000 });
 * console.log(app.endpoint);
 * ```
 */
export class App {
  readonly #controlPlane: ControlPlane;
  #status: AppStatus;

  private constructor(controlPlane: ControlPlane, status: AppStatus) {
    this.#controlPlane = controlPlane;
    this.#status = status;
  }

  /**
   * Finds an app by name. Without project and domain they are those of the control plane.
   *
   * @throws FlyteError `not_found` when there is no such app
   */
  static async get(app: AppRef, options: RemoteOptions = {}): Promise<App> {
    const controlPlane = controlPlaneOf(options);
    return new App(controlPlane, await controlPlane.apps.get(app, options));
  }

  /**
   * The apps of a project and domain, the newest first unless the options say otherwise. Without
   * project and domain they are those of the control plane.
   *
   * @example
   * ```ts
   * for await (const app of remote.App.listAll({ phases: ["active", "failed"], limit: 20 })) {
   *   console.log(app.name, app.status.phase, app.endpoint);
   * }
   * ```
   */
  static async *listAll(
    options: ListAppsOptions & Partial<Scope> & RemoteOptions = {},
  ): AsyncGenerator<App, void, undefined> {
    const controlPlane = controlPlaneOf(options);
    const { project, domain } = options;
    const scope = { ...(project && { project }), ...(domain && { domain }) };
    for await (const status of controlPlane.apps.list(scope, options)) {
      yield new App(controlPlane, status);
    }
  }

  /**
   * Creates an app, or replaces the one of its name with a new revision; one that is so already stays
   * as it is.
   *
   * @throws FlyteError as `controlPlane.apps.deploy` does
   */
  static async replace(
    spec: AppSpec,
    options: DeployAppOptions & RemoteOptions = {},
  ): Promise<{ readonly app: App; readonly change: DeployedApp["change"] }> {
    const controlPlane = controlPlaneOf(options);
    const { status, change } = await controlPlane.apps.deploy(spec, options);
    return { app: new App(controlPlane, status), change };
  }

  /** Deletes an app by name. One that does not exist is fine. */
  static async delete(app: AppRef, options: RemoteOptions = {}): Promise<void> {
    await controlPlaneOf(options).apps.delete(app, options);
  }

  /** All that was last read. */
  get status(): AppStatus {
    return this.#status;
  }

  get name(): string {
    return this.#status.name;
  }

  get project(): string {
    return this.#status.project;
  }

  get domain(): string {
    return this.#status.domain;
  }

  get revision(): number {
    return this.#status.revision;
  }

  /** The app's public address; empty while it has none. */
  get endpoint(): string {
    return this.#status.endpoint;
  }

  /** Address of the app's page in the console. */
  get url(): string {
    return this.#status.url;
  }

  /** What the control plane remembers of its states, the last one being the current one. */
  get conditions(): readonly AppCondition[] {
    return this.#status.conditions;
  }

  /** Whether the app took requests when it was last read. */
  isActive(): boolean {
    return this.#status.isActive;
  }

  /** Whether the app was switched off when it was last read. */
  isDeactivated(): boolean {
    return this.#status.isDeactivated;
  }

  /** Reads the state anew. */
  async refresh(options: CallOptions = {}): Promise<AppStatus> {
    this.#status = await this.#controlPlane.apps.get(this.#status, options);
    return this.#status;
  }

  /**
   * Switches the app on; one that is on stays as it is.
   *
   * @throws FlyteError with `wait` `app_failed` when the app fails or is switched off meanwhile,
   * `deadline_exceeded` when it takes longer than `timeoutMs`
   */
  async activate(options: ToggleAppOptions = {}): Promise<AppStatus> {
    this.#status = await this.#controlPlane.apps.activate(this.#status, options);
    return this.#status;
  }

  /** Switches the app off, as {@link App.activate} switches it on. */
  async deactivate(options: ToggleAppOptions = {}): Promise<AppStatus> {
    this.#status = await this.#controlPlane.apps.deactivate(this.#status, options);
    return this.#status;
  }

  /** Every change of state, the current one first; ends when the app is deleted. */
  async *watch(options: CallOptions = {}): AsyncGenerator<AppStatus, void, undefined> {
    for await (const status of this.#controlPlane.apps.watch(this.#status, options)) {
      this.#status = status;
      yield status;
    }
  }

  /** What its replicas wrote, lately and from then on; ends when the app is deleted. */
  logs(options: AppLogsOptions = {}): AsyncIterable<AppLogLine> {
    return this.#controlPlane.apps.logs(this.#status, options);
  }

  /** Deletes the app and ends what runs of it. One that is gone already is fine. */
  async delete(options: CallOptions = {}): Promise<void> {
    await this.#controlPlane.apps.delete(this.#status, options);
  }
}
