import { Code, ConnectError } from "@connectrpc/connect";
import { FlyteError } from "../shared/errors.ts";

/**
 * Whether a change was refused because the thing was changed since it was read: reading it again and
 * changing that is worth a try. Not so a name that is taken, which is a `conflict` as well.
 */
export function isRevisionConflict(error: unknown): boolean {
  if (!FlyteError.is(error) || error.code !== "conflict") return false;
  return error.cause instanceof ConnectError && error.cause.code === Code.Aborted;
}
