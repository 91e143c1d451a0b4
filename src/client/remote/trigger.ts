import type { CallOptions, ControlPlane } from "../control-plane.ts";
import type { TriggerRef, TriggerStatus } from "../trigger-calls.ts";
import { controlPlaneOf, type RemoteOptions } from "./remote-options.ts";

/**
 * A trigger of a task. What its getters tell is the state as last read; `refresh`, `activate` and
 * `deactivate` read it anew. It stays with the control plane it was found on.
 *
 * @example
 * ```ts
 * import { remote } from "flyte-webhook";
 *
 * const trigger = await remote.Trigger.get({ task: "stats.describe", name: "nightly" });
 * await trigger.deactivate();
 * console.log(trigger.active); // false
 * ```
 */
export class Trigger {
  readonly #controlPlane: ControlPlane;
  #status: TriggerStatus;

  private constructor(controlPlane: ControlPlane, status: TriggerStatus) {
    this.#controlPlane = controlPlane;
    this.#status = status;
  }

  /**
   * Finds a trigger by its task and name. Without project and domain they are those of the control
   * plane.
   *
   * @throws FlyteError `not_found` when there is no such trigger
   */
  static async get(trigger: TriggerRef, options: RemoteOptions = {}): Promise<Trigger> {
    const controlPlane = controlPlaneOf(options);
    return new Trigger(controlPlane, await controlPlane.triggers.get(trigger, options));
  }

  /** All that was last read: description, version of the task and more. */
  get status(): TriggerStatus {
    return this.#status;
  }

  get task(): string {
    return this.#status.task;
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

  /** Whether the trigger started runs when it was last read. */
  get active(): boolean {
    return this.#status.active;
  }

  /** Address of the trigger's page in the console. */
  get url(): string {
    return this.#status.url;
  }

  /** Reads the state anew. */
  async refresh(options: CallOptions = {}): Promise<TriggerStatus> {
    this.#status = await this.#controlPlane.triggers.get(this.#status, options);
    return this.#status;
  }

  /**
   * Switches the trigger on and reads it back.
   *
   * @throws FlyteError `not_found` when it is gone; `conflict` when it is not active afterwards
   */
  async activate(options: CallOptions = {}): Promise<TriggerStatus> {
    this.#status = await this.#controlPlane.triggers.activate(this.#status, options);
    return this.#status;
  }

  /** Switches the trigger off, as {@link Trigger.activate} switches it on. */
  async deactivate(options: CallOptions = {}): Promise<TriggerStatus> {
    this.#status = await this.#controlPlane.triggers.deactivate(this.#status, options);
    return this.#status;
  }
}
