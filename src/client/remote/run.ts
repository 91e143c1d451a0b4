import { FlyteError } from "../../shared/errors.ts";
import type { JsonObject, JsonValue } from "../../shared/json.ts";
import type { Phase } from "../../values/phases.ts";
import type { ConditionStatus } from "../condition-calls.ts";
import type {
  CallOptions,
  ControlPlane,
  RunRef,
  RunStatus,
  WaitOptions,
} from "../control-plane.ts";
import type { LogLine } from "../run-calls.ts";
import { runFailed } from "../run-failed.ts";
import { controlPlaneOf, type RemoteOptions } from "./remote-options.ts";

/**
 * A run. What its getters tell is the state as last read; `refresh`, `wait`, `abort`, `inputs` and
 * `outputs` read it anew. It stays with the control plane it was found on.
 */
export class Run {
  readonly #controlPlane: ControlPlane;
  #status: RunStatus;

  /** @internal Use {@link Run.get}, or `run` to start one. */
  constructor(controlPlane: ControlPlane, status: RunStatus) {
    this.#controlPlane = controlPlane;
    this.#status = status;
  }

  /**
   * Finds a run by name.
   *
   * @throws FlyteError `not_found` when there is no such run
   */
  static async get(run: RunRef, options: RemoteOptions = {}): Promise<Run> {
    const controlPlane = controlPlaneOf(options);
    return new Run(controlPlane, await controlPlane.runs.get(run, options));
  }

  /** The runs of a project and domain, the newest first. */
  static async list(
    scope: { readonly project?: string; readonly domain?: string } = {},
    options: RemoteOptions & { readonly limit?: number } = {},
  ): Promise<readonly Run[]> {
    const controlPlane = controlPlaneOf(options);
    const found = await controlPlane.runs.list(scope, options);
    return found.map((status) => new Run(controlPlane, status));
  }

  /** All that was last read: times, owner, task, error and more. */
  get status(): RunStatus {
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

  get phase(): Phase {
    return this.#status.phase;
  }

  /** Address of the run's page in the console. */
  get url(): string {
    return this.#status.url;
  }

  /** Whether the run had ended when it was last read. */
  done(): boolean {
    return this.#status.done;
  }

  /** Reads the state anew. */
  async refresh(options: CallOptions = {}): Promise<RunStatus> {
    this.#status = await this.#controlPlane.runs.get(this.#status, options);
    return this.#status;
  }

  /**
   * Waits for the end, good or bad, and gives the final state.
   *
   * @throws FlyteError `deadline_exceeded` after `timeoutMs`; the run goes on
   */
  async wait(options: WaitOptions = {}): Promise<RunStatus> {
    const { onStatus } = options;
    this.#status = await this.#controlPlane.runs.wait(this.#status, {
      ...options,
      onStatus: (status) => {
        this.#status = status;
        onStatus?.(status);
      },
    });
    return this.#status;
  }

  /** What the run was started with. */
  async inputs(options: CallOptions = {}): Promise<JsonObject> {
    const { inputs, status } = await this.#controlPlane.runs.io(this.#status, options);
    this.#status = status;
    return inputs ?? {};
  }

  /**
   * The results, keyed `o0`, `o1`, … in the order of the task's interface.
   *
   * @throws FlyteError `precondition_failed` when the run has not ended, `run_failed` with the
   * run's own error when it ended badly
   */
  async outputs(options: CallOptions = {}): Promise<JsonObject> {
    const { outputs, status } = await this.#controlPlane.runs.io(this.#status, options);
    this.#status = status;
    if (!status.done) {
      throw new FlyteError(
        "precondition_failed",
        `Run ${status.name} has no outputs yet: it is ${status.phase}. Await wait() first.`,
      );
    }
    if (status.phase !== "succeeded" && status.phase !== "recovered") throw runFailed(status);
    return outputs ?? {};
  }

  /** Asks for the run and all its actions to stop, and gives the state after that. */
  async abort(reason?: string, options: CallOptions = {}): Promise<RunStatus> {
    this.#status = await this.#controlPlane.runs.abort(this.#status, reason, options);
    return this.#status;
  }

  /** What the run waits for a person to say, the oldest first; what was answered too. */
  conditions(options: CallOptions = {}): Promise<readonly ConditionStatus[]> {
    return this.#controlPlane.conditions.list(this.#status, options);
  }

  /**
   * Answers a condition, and gives its state after that.
   *
   * @throws FlyteError `not_found` when the run has no such condition, `invalid_input` for a value of
   * another type, `conflict` when it was answered otherwise before
   */
  signal(condition: string, value: JsonValue, options: CallOptions = {}): Promise<ConditionStatus> {
    return this.#controlPlane.conditions.signal({ ...this.#status, condition }, value, options);
  }

  /** Every change of state, the current one first; ends with the run. */
  async *watch(options: CallOptions = {}): AsyncGenerator<RunStatus, void, undefined> {
    for await (const status of this.#controlPlane.runs.watch(this.#status, options)) {
      this.#status = status;
      yield status;
    }
  }

  /** What the run printed, as it comes. */
  logs(options: CallOptions & { readonly attempt?: number } = {}): AsyncIterable<LogLine> {
    return this.#controlPlane.runs.logs(this.#status, options);
  }
}
