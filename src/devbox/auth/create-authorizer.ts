import { Code, ConnectError } from "@connectrpc/connect";
import type { Database } from "../store/database.ts";
import { rolesOf } from "../store/identities.ts";
import type { AskedScope, Authorizer, Caller, Permission } from "./caller.ts";
import { grants } from "./roles.ts";

const verbs: Readonly<Record<Permission, string>> = {
  read: "read",
  run: "run tasks",
  deploy: "deploy tasks",
  admin: "administer",
};

/** An authorizer that asks the state for the roles at each question, so changes hold at once. */
export function createAuthorizer(database: Database): Authorizer {
  const authorizer: Authorizer = {
    require: (caller, permission, scope) => {
      if (caller === undefined) {
        throw new ConnectError(
          "Credentials are required: send an API key as Authorization: Bearer KEY.",
          Code.Unauthenticated,
        );
      }
      if (!authorizer.allows(caller, permission, scope)) {
        throw new ConnectError(
          caller.onlyRun === undefined
            ? `${caller.subject} may not ${verbs[permission]} in ${describe(scope)}.`
            : "The token of a task is for its own run alone.",
          Code.PermissionDenied,
        );
      }
      return caller;
    },
    allows: (caller, permission, scope) =>
      covers(caller, permission, scope) &&
      grants(rolesOf(database, caller.subject), permission, scope),
  };
  return authorizer;
}

/** A task reads and goes on with its own run, and does nothing else in its owner's name. */
function covers({ onlyRun }: Caller, permission: Permission, scope: AskedScope): boolean {
  if (onlyRun === undefined) return true;
  return (
    (permission === "read" || permission === "run") &&
    scope.run === onlyRun.run &&
    scope.project === onlyRun.project &&
    scope.domain === onlyRun.domain
  );
}

function describe({ project, domain }: { project: string; domain: string }): string {
  const name = `${project}/${domain}`;
  return name === "*/*" ? "the devbox as a whole" : JSON.stringify(name.slice(0, 140));
}
