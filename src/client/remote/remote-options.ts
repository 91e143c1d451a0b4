import type { CallOptions, ControlPlane } from "../control-plane.ts";
import { currentControlPlane } from "../init-current.ts";

/** Options of every call in this module. */
export interface RemoteOptions extends CallOptions {
  /** @default the one that `init` or a sibling of it connected to */
  readonly controlPlane?: ControlPlane;
}

/** The control plane a call goes to. @throws FlyteError `not_initialized` when there is none */
export function controlPlaneOf(options: RemoteOptions): ControlPlane {
  return options.controlPlane ?? currentControlPlane();
}
