import type { JsonObject, JsonValue } from "../../../src/shared/json.ts";

/** What somebody may do in a project and domain; `*` is all of them. */
export interface RoleClaim {
  readonly project: string;
  readonly domain: string;
  readonly role: string;
}

/** The roles that a devbox tells with a user; none where a control plane does not tell them. */
export function readRoleClaims(claims: JsonObject | undefined): readonly RoleClaim[] {
  const roles = claims?.["roles"];
  return Array.isArray(roles) ? roles.flatMap(readRole) : [];
}

function readRole(claim: JsonValue): readonly RoleClaim[] {
  if (typeof claim !== "object" || claim === null || Array.isArray(claim)) return [];
  const { project, domain, role } = claim as JsonObject;
  const isWhole =
    typeof project === "string" && typeof domain === "string" && typeof role === "string";
  return isWhole ? [{ project, domain, role }] : [];
}

/** `contributor in every project, development`. */
export function toRoleWords({ project, domain, role }: RoleClaim): string {
  const where = [
    project === "*" ? "every project" : project,
    domain === "*" ? "every domain" : domain,
  ];
  return project === "*" && domain === "*"
    ? `${role} everywhere`
    : `${role} in ${where.join(", ")}`;
}
