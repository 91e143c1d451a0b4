import type { CallOptions, ControlPlane } from "../control-plane.ts";
import type {
  FireOptions,
  TriggerDeployment,
  TriggerRef,
  TriggerRevision,
  TriggerStatus,
  TriggerSummary,
} from "../trigger-calls.ts";
import { controlPlaneOf, type RemoteOptions } from "./remote-options.ts";
import { Run } from "./run.ts";
import { toJsonInputs } from "./to-json-inputs.ts";

/** A trigger to be; `Date`, `bigint` and `Uint8Array` are taken in inputs too. */
export interface CreateTriggerOptions extends Omit<TriggerDeployment, "inputs"> {
  /** Values of the task's inputs; the task's defaults stand for others. @default {} */
  readonly inputs?: object;
}

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

  /**
   * Creates a trigger of a registered task, or replaces the one of its name.
   *
   * @example
   * ```ts
   * import { remote } from "flyte-webhook";
   *
   * const trigger = await remote.Trigger.create({
   *   task: "orders.nightly",
   *   name: "berlin",
   *   schedule: { cron: "0 2 * * *", timezone: "Europe/Berlin" },
   *   timeInput: "day",
   * });
   * console.log(trigger.nextFireAt);
   * ```
   *
   * @throws FlyteError `not_found` when the task does not exist; `invalid_input` naming every fault of
   * the schedule and the inputs; `conflict` when the trigger has another revision than named
   */
  static async create(
    { inputs, ...trigger }: CreateTriggerOptions,
    options: RemoteOptions = {},
  ): Promise<Trigger> {
    const controlPlane = controlPlaneOf(options);
    const wanted = { ...trigger, ...(inputs !== undefined && { inputs: toJsonInputs(inputs) }) };
    return new Trigger(controlPlane, await controlPlane.triggers.deploy(wanted, options));
  }

  /** The triggers of a project and domain, or of one task there; active ones first. */
  static list(
    scope: { readonly project?: string; readonly domain?: string; readonly task?: string } = {},
    options: RemoteOptions & { readonly limit?: number } = {},
  ): Promise<readonly TriggerSummary[]> {
    return controlPlaneOf(options).triggers.list(scope, options);
  }

  /** Deletes a trigger. One that is gone already is fine. Runs it started go on. */
  static async delete(trigger: TriggerRef, options: RemoteOptions = {}): Promise<void> {
    await controlPlaneOf(options).triggers.delete(trigger, options);
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

  /** When it starts runs, for people: `0 2 * * * (Europe/Berlin)`, `every 15 minutes`. */
  get schedule(): string | undefined {
    return this.#status.schedule;
  }

  /** When it fires next, as of when it was last read; undefined when it does not. */
  get nextFireAt(): Date | undefined {
    return this.#status.nextFireAt;
  }

  /** When it was due last and started a run, as of when it was last read. */
  get lastFiredAt(): Date | undefined {
    return this.#status.lastFiredAt;
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

  /**
   * Starts a run of the trigger now, whether it is active or not, with its inputs and settings, over
   * which those given are laid. `Date`, `bigint` and `Uint8Array` are taken in inputs too.
   *
   * @throws FlyteError `not_found` when the trigger is gone; `invalid_input` naming every faulty input
   */
  async fire(inputs: object = {}, options: FireOptions = {}): Promise<Run> {
    const given = toJsonInputs(inputs);
    const started = await this.#controlPlane.triggers.fire(this.#status, given, options);
    return new Run(this.#controlPlane, started);
  }

  /** What was done to the trigger, the latest first. */
  history(
    options: CallOptions & { readonly limit?: number } = {},
  ): Promise<readonly TriggerRevision[]> {
    return this.#controlPlane.triggers.history(this.#status, options);
  }

  /** Deletes the trigger. One that is gone already is fine. Runs it started go on. */
  async delete(options: CallOptions = {}): Promise<void> {
    await this.#controlPlane.triggers.delete(this.#status, options);
  }
}
