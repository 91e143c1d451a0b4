import type { RunOptions, TaskDetails, TaskRef } from "../control-plane.ts";
import { controlPlaneOf, type RemoteOptions } from "./remote-options.ts";
import { Run } from "./run.ts";
import { Task } from "./task.ts";
import { toJsonInputs } from "./to-json-inputs.ts";

/** How a run is started, and where. */
export interface StartRunOptions extends RunOptions, RemoteOptions {}

/**
 * Starts a task and gives the run, without waiting for its end.
 *
 * Inputs are JSON values; `Date`, `bigint` and `Uint8Array` are taken too. They are checked
 * against the task's interface before anything is started.
 *
 * @example
 * ```ts
 * import { remote, run } from "flyte-webhook";
 *
 * const started = await run(remote.Task.get({ name: "stats.describe" }), { values: [1, 2, 3] });
 * await started.wait();
 * console.log(await started.outputs());
 * ```
 *
 * @throws FlyteError `invalid_input` naming every faulty input, `not_found` for an unknown task
 */
export async function run(
  task: Task | TaskRef | TaskDetails,
  inputs: object = {},
  options: StartRunOptions = {},
): Promise<Run> {
  const controlPlane = controlPlaneOf(options);
  const ref = task instanceof Task ? task.ref : task;
  return new Run(controlPlane, await controlPlane.runs.start(ref, toJsonInputs(inputs), options));
}
