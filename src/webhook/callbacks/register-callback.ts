import type { StartedRun } from "../../client/control-plane.ts";
import type { Call } from "../call.ts";

/** Notes whom to tell of the end of a run, where the request names somebody. */
export async function registerCallback(_call: Call, _run: StartedRun): Promise<void> {}
