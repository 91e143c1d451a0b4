import type { Call } from "../call.ts";
import type { Problem } from "../problem.ts";

/** The key by which a request may be repeated; undefined without one. */
export function idempotencyKey(_call: Call): string | undefined | Problem {
  return undefined;
}
