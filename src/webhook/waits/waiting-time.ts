import type { Call } from "../call.ts";
import type { Parameter } from "../parameters.ts";
import { readPrefer } from "./prefer.ts";

/** By which a request asks for the end of a run. Endpoints that have it also follow the header `Prefer`. */
export const waitParameter: Parameter = {
  name: "wait",
  description:
    "How many seconds to wait for the end of the run; 0 answers at once. Goes before the header Prefer. A longer time than the webhook allows is shortened.",
  kind: "integer",
  place: "query",
  least: 0,
  added: true,
};

/** How long a request waits for the end of a run. */
export interface WaitingTime {
  readonly ms: number;
  /** The same for people, in whole seconds. */
  readonly seconds: number;
  /** What `Preference-Applied` says; undefined where it was no preference that decided. */
  readonly applied: string | undefined;
}

/**
 * How long a request wants to wait for the end of a run, and may; undefined where it does not ask for that.
 *
 * `Prefer: wait=10` waits for ten seconds, and so does `Prefer: respond-async, wait=10` (RFC 7240, 4.3). Without a
 * time `respond-async` does not wait. A time that is no whole number of seconds is ignored.
 */
export function waitingTime(call: Call): WaitingTime | undefined {
  const { endpoint, options, parameters } = call;
  if (!endpoint.parameters.includes(waitParameter)) return undefined;
  // The original's endpoints are the original's then.
  if (options.compat === "upstream" && endpoint.added !== true) return undefined;
  const asked = parameters[waitParameter.name];
  if (typeof asked === "number") return limited(asked, options.waitLimitMs);
  const preferences = readPrefer(call.header("prefer"));
  const wait = preferences.get("wait") ?? "";
  if (/^\d{1,15}$/.test(wait)) {
    const time = limited(Number(wait), options.waitLimitMs);
    return { ...time, applied: `wait=${time.seconds}` };
  }
  // The preference has no value of its own; one with a value is another one, which nobody knows.
  if (preferences.get("respond-async") === "") {
    return { ms: 0, seconds: 0, applied: "respond-async" };
  }
  return endpoint.name === "run_task_and_wait"
    ? limited(Number.POSITIVE_INFINITY, options.waitLimitMs)
    : undefined;
}

function limited(seconds: number, limitMs: number): WaitingTime {
  const ms = Math.min(seconds * 1000, limitMs);
  return { ms, seconds: Math.ceil(ms / 1000), applied: undefined };
}
