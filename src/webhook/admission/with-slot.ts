import type { Answer, Route } from "../answer-request.ts";
import type { Call } from "../call.ts";

/** Does the work of an endpoint when there is room for it. */
export async function withSlot(route: Route, call: Call): Promise<Answer> {
  return route(call);
}
