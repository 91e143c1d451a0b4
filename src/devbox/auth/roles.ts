import type { RoleRow } from "../store/identities.ts";
import type { Permission } from "./caller.ts";

/** From least to most; each includes the ones before it. */
export const roleNames = ["viewer", "contributor", "deployer", "admin"] as const;

/** One of {@link roleNames}. */
export type RoleName = (typeof roleNames)[number];

const permissions: Readonly<Record<Permission, RoleName>> = {
  read: "viewer",
  run: "contributor",
  deploy: "deployer",
  admin: "admin",
};

/**
 * Whether the roles give the permission in the scope. `*` in a role covers each project or
 * domain; `*` in the scope asks for all of them at once.
 */
export function grants(
  roles: readonly RoleRow[],
  permission: Permission,
  scope: { readonly project: string; readonly domain: string },
): boolean {
  const needed = roleNames.indexOf(permissions[permission]);
  return roles.some(
    ({ project, domain, role }) =>
      (project === "*" || project === scope.project) &&
      (domain === "*" || domain === scope.domain) &&
      rank(role) >= needed,
  );
}

/** An unknown role, written by a newer version, gives nothing. */
function rank(role: string): number {
  const names: readonly string[] = roleNames;
  return names.indexOf(role);
}
