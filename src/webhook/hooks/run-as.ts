import type { AuthMetadata } from "../../client/auth-metadata.ts";
import type { ControlPlane, Scope } from "../../client/control-plane.ts";
import { hasOwnCredential } from "../../client/own-credential.ts";
import { FlyteError } from "../../shared/errors.ts";
import { createSubjects, type Subject } from "../subjects/subjects.ts";
import type { RunAs } from "./hook.ts";

/** Who acts for a hook, ready to call. */
export interface ResolvedRunAs {
  readonly controlPlane: ControlPlane;
  /** The credential of each call; null where the control plane has its own. */
  readonly auth: AuthMetadata | null;
  /** Where tasks are, and runs go, that say nothing else; each part where it is known. */
  readonly scope: Partial<Scope>;
  /** Whom the control plane takes this for. @throws FlyteError when it cannot say now, or does not accept it */
  who(): Promise<Subject>;
}

/** @throws FlyteError `invalid_config` when there is no credential to act with */
export function checkRunAs(hook: string, runAs: unknown): asserts runAs is RunAs {
  const given = (typeof runAs === "object" && runAs !== null ? runAs : {}) as Partial<
    Record<"token" | "controlPlane", unknown>
  >;
  const { token, controlPlane } = given;
  if ((token === undefined) === (controlPlane === undefined)) {
    throw invalid(
      hook,
      "needs runAs: whose credential its runs are started with. Give { token } with an API key from a secret, or { controlPlane } with a credential of its own.",
    );
  }
  if (token !== undefined) {
    if (typeof token === "string" && /^[!-~]+$/.test(token)) return;
    throw invalid(
      hook,
      "has a runAs.token that is empty or holds other characters than visible ASCII. Give the API key as it is, without spaces and line ends.",
    );
  }
  if (!actsAsItself(controlPlane as ControlPlane)) {
    throw invalid(
      hook,
      "has a runAs.controlPlane without a credential of its own: deliveries bring none. Give one that init or createControlPlane made with a credential, or { token }.",
    );
  }
}

function actsAsItself(controlPlane: ControlPlane): boolean {
  try {
    return hasOwnCredential(controlPlane);
  } catch {
    return false; // of another making, of which nothing is known
  }
}

/** @param own the control plane of the webhook, called with the credentials of its callers */
export function resolveRunAs(hook: string, runAs: RunAs, own: ControlPlane): ResolvedRunAs {
  checkRunAs(hook, runAs);
  if ("token" in runAs) {
    return toRunAs(own, [["authorization", `Bearer ${runAs.token}`]], own);
  }
  const { controlPlane } = runAs;
  if (controlPlane === own) {
    throw invalid(
      hook,
      "has the webhook's own control plane as runAs.controlPlane, which acts as whoever calls. Give another one, with a credential of its own, or { token }.",
    );
  }
  return toRunAs(controlPlane, null, own);
}

function toRunAs(
  controlPlane: ControlPlane,
  auth: AuthMetadata | null,
  own: ControlPlane,
): ResolvedRunAs {
  const subjects = createSubjects(controlPlane);
  const project = controlPlane.project ?? own.project;
  const domain = controlPlane.domain ?? own.domain;
  return {
    controlPlane,
    auth,
    scope: { ...(project !== undefined && { project }), ...(domain !== undefined && { domain }) },
    who: () => subjects.subjectOf(auth),
  };
}

function invalid(hook: string, message: string): FlyteError {
  return new FlyteError("invalid_config", `The hook "${hook}" ${message}`);
}
