import { FlyteError } from "../../shared/errors.ts";
import type { Authorizer, Caller, Permission } from "../auth/caller.ts";
import type { Database } from "../store/database.ts";
import { findProject } from "../store/projects.ts";
import type { Scope } from "../store/tasks.ts";

/** The domains of every project, in the order in which they are shown. */
export const domains = ["development", "staging", "production"] as const;

/** A project as it is stored. @throws FlyteError `not_found` */
export function requireProject(database: Database, project: string): void {
  if (findProject(database, project) === undefined) {
    throw new FlyteError("not_found", `project ${JSON.stringify(project)} not found`);
  }
}

/**
 * Whether the caller may do it in the whole project or in one of its domains, for what has no
 * domain of its own.
 */
export function allowsInProject(
  authorizer: Authorizer,
  caller: Caller,
  permission: Permission,
  project: string,
): boolean {
  return ["*", ...domains].some((domain) =>
    authorizer.allows(caller, permission, { project, domain }),
  );
}

/**
 * The scope that is named, or those with something in them that the caller may read. An empty project or
 * domain stands for each.
 *
 * @throws FlyteError `permission_denied` for a named scope without the right
 */
export function readableScopes(
  authorizer: Authorizer,
  caller: Caller,
  { project, domain }: Scope,
  used: () => readonly Scope[],
): readonly Scope[] {
  if (project !== "" && domain !== "") {
    authorizer.require(caller, "read", { project, domain });
    return [{ project, domain }];
  }
  return used().filter(
    (scope) =>
      (project === "" || project === scope.project) &&
      (domain === "" || domain === scope.domain) &&
      authorizer.allows(caller, "read", scope),
  );
}

/** The caller of a service that only asks who is calling. @throws ConnectError `unauthenticated` */
export function requireCaller(caller: Caller | undefined): Caller {
  if (caller !== undefined) return caller;
  throw new FlyteError(
    "unauthenticated",
    "Credentials are required: send an API key as Authorization: Bearer KEY.",
  );
}

/** The value. @throws FlyteError `invalid_input` when it is missing */
export function required<Value>(value: Value | undefined, name: string): Value {
  if (value === undefined || value === "") {
    throw new FlyteError("invalid_input", `${name} is required`);
  }
  return value;
}

/** The text. @throws FlyteError `invalid_input` when it is empty or longer than `maxLength` */
export function requiredText(text: string | undefined, name: string, maxLength: number): string {
  const given = required(text, name);
  if (given.length <= maxLength && !/\p{Cc}/u.test(given)) return given;
  throw new FlyteError(
    "invalid_input",
    `${name} must have at most ${maxLength} characters and no control characters`,
  );
}
