import type { RunOptions } from "../../client/control-plane.ts";
import type { Call } from "../call.ts";

/** What a request says about its run, over what the endpoint says. */
export function requestedRunOptions(call: Call, given: RunOptions): RunOptions {
  const labels = { ...given.labels, ...(call.traceId && { [traceLabel]: call.traceId }) };
  return Object.keys(labels).length === 0 ? {} : { labels };
}

/** The trace (W3C Trace Context) of the request that started a run. */
export const traceLabel = "flyte-webhook/trace-id";
