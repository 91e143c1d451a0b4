import type { ControlPlane } from "./control-plane.ts";
import { isPassthrough } from "./passthrough-authenticator.ts";
import { sessionOf } from "./session-of.ts";

/** Whether calls carry a credential of this process, rather than those of its callers. */
export function hasOwnCredential(controlPlane: ControlPlane): boolean {
  return !isPassthrough(sessionOf(controlPlane).options.authenticator);
}
