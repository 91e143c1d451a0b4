import { AsyncLocalStorage } from "node:async_hooks";

/** Header names and values, flat. */
type TraceHeaders = readonly string[];

const current = new AsyncLocalStorage<TraceHeaders>();
const none: TraceHeaders = [];

/**
 * Runs `action` with headers that say which trace its calls to control planes belong to: `traceparent` and
 * `tracestate` of W3C Trace Context, as they came.
 */
export function withTraceHeaders<Result>(headers: TraceHeaders, action: () => Result): Result {
  return current.run(headers, action);
}

/** The headers of the trace that the running request belongs to. */
export function currentTraceHeaders(): TraceHeaders {
  return current.getStore() ?? none;
}
