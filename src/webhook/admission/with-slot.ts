import type { Answer, Route } from "../answer-request.ts";
import type { Call } from "../call.ts";
import type { Problem } from "../problem.ts";
import type { RequestRecord } from "../record/request-record.ts";
import type { Slot } from "./slot.ts";

/**
 * Does the work of an endpoint when there is room for it. What needs no credential asks no control
 * plane, and gets its turn at once.
 */
export function withSlot(route: Route, call: Call): Promise<Answer> {
  if (call.endpoint.public) return route(call);
  return holdingSlot(call, () => route(call));
}

/** Does work while holding a slot; the problem where there was none in time. */
export async function holdingSlot<Result>(
  { slot, record }: { readonly slot: Slot; readonly record: RequestRecord },
  work: () => Promise<Result>,
): Promise<Result | { readonly problem: Problem }> {
  const problem = slot.tryTake() ? undefined : await slot.take();
  if (problem !== undefined) {
    record.decision = "denied";
    record.rule = "admission";
    return { problem };
  }
  try {
    return await work();
  } finally {
    slot.giveBack();
  }
}
