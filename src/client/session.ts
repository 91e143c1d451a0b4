import { FlyteError } from "../shared/errors.ts";
import { type IdentifierKind, identifierFault } from "../values/identifiers.ts";
import type { Channel } from "./channel.ts";
import type { Scope } from "./control-plane.ts";
import type { ResolvedOptions } from "./options.ts";
import type { ClusterRouter } from "./select-cluster.ts";

/** What the groups of calls of one control plane share. */
export interface Session {
  readonly options: ResolvedOptions;
  readonly channel: Channel;
  readonly clusters: ClusterRouter;
}

/**
 * The project and domain a call is about: as given, else the control plane's own, else `fallback`.
 *
 * @throws FlyteError `invalid_input` when one of them is nowhere given
 */
export function toScope(
  { options }: Session,
  given: Partial<Scope> | undefined,
  fallback?: Scope,
): Scope {
  const project = given?.project ?? options.project ?? fallback?.project;
  const domain = given?.domain ?? options.domain ?? fallback?.domain;
  if (project !== undefined && domain !== undefined) {
    return { project: toIdentifier("project", project), domain: toIdentifier("domain", domain) };
  }
  const missing = project === undefined ? "project" : "domain";
  throw new FlyteError(
    "invalid_input",
    `No ${missing} is given. Name it in the call, or set it for the control plane.`,
  );
}

/**
 * The text itself, when it can be an identifier of this kind.
 *
 * @throws FlyteError `invalid_input` naming the rule it breaks
 */
export function toIdentifier(kind: IdentifierKind, text: string): string {
  const fault = identifierFault(kind, text);
  if (fault === undefined) return text;
  const shown = text.length > 100 ? `${text.slice(0, 100)}…` : text;
  throw new FlyteError("invalid_input", `${JSON.stringify(shown)} is not valid: ${fault}.`);
}

/** A `flyteidl2.common.ProjectIdentifier`, whose fields have other names than all other identifiers. */
export function toProjectId(
  session: Session,
  scope: Scope,
): { organization: string; domain: string; name: string } {
  return { organization: session.options.org, domain: scope.domain, name: scope.project };
}

/** A `flyteidl2.common.RunIdentifier`. */
export function toRunId(
  session: Session,
  scope: Scope,
  name: string,
): { org: string; project: string; domain: string; name: string } {
  return { org: session.options.org, project: scope.project, domain: scope.domain, name };
}
