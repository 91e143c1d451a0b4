import type { Call } from "../call.ts";
import type { Problem } from "../problem.ts";
import { keyRule, readKey } from "./read-key.ts";

/** The header that a request may be repeated by (draft-ietf-httpapi-idempotency-key-header-07). */
export const keyHeader = "idempotency-key";

/** A key by which a start may be repeated. */
export interface StartKey {
  readonly key: string;
  /** Whose it is: that of the user whose credential the request carries, or that of a hook. */
  readonly scope: "caller" | `hook:${string}`;
}

/** The key of a request; undefined without one. */
export function idempotencyKey(
  call: Call,
): { readonly key: StartKey | undefined } | { readonly problem: Problem } {
  const value = call.header(keyHeader);
  if (value === undefined) return { key: undefined };
  const key = readKey(value);
  if (key !== undefined) return { key: { key, scope: "caller" } };
  const message = `has to be ${keyRule}, bare or in double quotes`;
  return { problem: badKey(message) };
}

/** The answer to a key that cannot be one, with and without `compat`. */
export function badKey(message: string): Problem {
  const detail = `The header Idempotency-Key ${message}.`;
  return {
    code: "invalid_input",
    detail,
    faults: [{ path: ["Idempotency-Key"], message }],
    upstream: { status: 400, detail },
  };
}
