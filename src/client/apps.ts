import type { AppCalls } from "./app-calls.ts";
import type { Session } from "./session.ts";

/** The calls about apps. */
export function createAppCalls(_session: Session): AppCalls {
  return {} as never;
}
