import { FlyteError } from "../shared/errors.ts";
import type { ControlPlane } from "./control-plane.ts";
import type { Session } from "./session.ts";

const sessions = new WeakMap<ControlPlane, Session>();

/** Lets calls that are not part of {@link ControlPlane} share its connections and credential. */
export function rememberSession(controlPlane: ControlPlane, session: Session): ControlPlane {
  sessions.set(controlPlane, session);
  return controlPlane;
}

/** @throws FlyteError `invalid_input` for an object that `createControlPlane` did not make */
export function sessionOf(controlPlane: ControlPlane): Session {
  const session = sessions.get(controlPlane);
  if (session !== undefined) return session;
  throw new FlyteError("invalid_input", "Give a control plane made by createControlPlane.");
}
