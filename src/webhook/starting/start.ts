import type { RunOptions, StartedRun } from "../../client/control-plane.ts";
import type { JsonObject, JsonValue } from "../../shared/json.ts";
import type { Call } from "../call.ts";
import type { Problem } from "../problem.ts";

/** What of a request matters for starting a run; a signed delivery has no endpoint. */
export type StartContext = Pick<
  Call,
  "controlPlane" | "options" | "auth" | "record" | "requestId" | "traceId"
>;

/**
 * A run to be started, whichever endpoint or hook asks for it.
 *
 * @typeParam Run - undefined where nothing may have to be started
 */
export interface Start<Run = StartedRun> {
  /** What is started, such as `task development/flytesnacks/stats.describe`. Part of the scope of a key. */
  readonly target: string;
  /** All that a repetition of the request has to have in common with it. */
  readonly payload: JsonValue;
  /** Of the run; what the request adds comes on top. */
  readonly options: RunOptions;
  /** Starts the run, under the name of the options where they have one. */
  begin(options: RunOptions): Promise<Run>;
  /** Decides all that `begin` decides, and starts nothing. The answer tells what would be. */
  plan(options: RunOptions): Promise<JsonObject>;
}

/** A run that goes on, or what kept it from starting. */
export type Started<Run = StartedRun> = { readonly run: Run } | { readonly problem: Problem };
