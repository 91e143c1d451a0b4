import { FlyteError } from "../../shared/errors.ts";
import type { TaskDetails, TaskRef, TaskSummary } from "../control-plane.ts";
import { controlPlaneOf, type RemoteOptions } from "./remote-options.ts";

/** Which task is meant. */
export interface TaskQuery extends TaskRef {
  /** Says in words what leaving out `version` means: the version deployed last. */
  readonly autoVersion?: "latest";
}

/**
 * A deployed task. Making one asks nobody: it may be done before `init`, and each use looks the
 * task up as the caller of that moment.
 *
 * @example
 * ```ts
 * import { remote, run } from "flyte-webhook";
 *
 * const started = await run(remote.Task.get({ name: "stats.describe" }), { values: [1, 2, 3] });
 * ```
 */
export class Task {
  /** What the control plane is asked for. */
  readonly ref: TaskRef;

  private constructor(ref: TaskRef) {
    this.ref = ref;
  }

  /**
   * Names a task. Without `version` it is the one deployed last, looked up at every use; without
   * project and domain they are those of the control plane.
   *
   * @throws FlyteError `invalid_input` when the name is empty, or both `version` and `autoVersion`
   * are given
   */
  static get(query: TaskQuery): Task {
    const { autoVersion, ...ref } = query;
    if (typeof ref.name !== "string" || ref.name === "") {
      throw new FlyteError("invalid_input", "A task needs a name, for example stats.describe.");
    }
    if (autoVersion !== undefined && autoVersion !== "latest") {
      throw new FlyteError(
        "invalid_input",
        `autoVersion ${JSON.stringify(autoVersion)} is not known; give "latest", or a version.`,
      );
    }
    if (autoVersion !== undefined && ref.version !== undefined) {
      throw new FlyteError("invalid_input", "Give either version or autoVersion, not both.");
    }
    return new Task(ref);
  }

  /** What the control plane tells of a task, in one step. */
  static fetch(query: TaskQuery, options: RemoteOptions = {}): Promise<TaskDetails> {
    return Task.get(query).fetch(options);
  }

  /** The tasks of a project and domain. */
  static list(
    scope: { readonly project?: string; readonly domain?: string } = {},
    options: RemoteOptions = {},
  ): Promise<readonly TaskSummary[]> {
    return controlPlaneOf(options).tasks.list(scope, options);
  }

  get name(): string {
    return this.ref.name;
  }

  /** The version asked for; undefined for the one deployed last. */
  get version(): string | undefined {
    return this.ref.version;
  }

  /**
   * Asks the control plane for the task.
   *
   * @throws FlyteError `not_found` when the task or the version does not exist
   */
  async fetch(options: RemoteOptions = {}): Promise<TaskDetails> {
    return controlPlaneOf(options).tasks.get(this.ref, options);
  }
}
