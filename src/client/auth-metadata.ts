import { AsyncLocalStorage } from "node:async_hooks";
import { FlyteError } from "../shared/errors.ts";

/** Header name and value pairs that carry a caller's credential, for example `authorization`. */
export type AuthMetadata = readonly (readonly [name: string, value: string])[];

const current = new AsyncLocalStorage<AuthMetadata | undefined>();

/**
 * Runs `action` with the given credential headers: every call to a control plane made inside it,
 * however deep and across awaits, carries them, and no call outside does. A nested use replaces
 * the outer headers, it does not add to them.
 *
 * @throws FlyteError `invalid_input` when no pair is given
 */
export function authMetadata<Result>(metadata: AuthMetadata, action: () => Result): Result {
  if (metadata.length === 0) throw new FlyteError("invalid_input", "No auth metadata provided.");
  return current.run(metadata, action);
}

/** Runs `action` with no credential headers bound, whatever is bound around it. */
export function withoutAuthMetadata<Result>(action: () => Result): Result {
  // The first use makes every promise of the process cost more, on Node.js before 24.
  return current.getStore() === undefined ? action() : current.run(undefined, action);
}

/** The credential headers bound to the running request, if any. */
export function currentAuthMetadata(): AuthMetadata | undefined {
  return current.getStore();
}
