import type { Session } from "./session.ts";
import type { TriggerCalls } from "./trigger-calls.ts";

/** The calls about triggers. */
export function createTriggerCalls(_session: Session): TriggerCalls {
  return {} as never;
}
