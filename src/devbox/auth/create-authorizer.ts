import { Code, ConnectError } from "@connectrpc/connect";
import type { Database } from "../store/database.ts";
import { rolesOf } from "../store/identities.ts";
import type { Authorizer, Permission } from "./caller.ts";
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
          `${caller.subject} may not ${verbs[permission]} in ${describe(scope)}.`,
          Code.PermissionDenied,
        );
      }
      return caller;
    },
    allows: (caller, permission, scope) =>
      grants(rolesOf(database, caller.subject), permission, scope),
  };
  return authorizer;
}

function describe({ project, domain }: { project: string; domain: string }): string {
  const name = `${project}/${domain}`;
  return name === "*/*" ? "the devbox as a whole" : JSON.stringify(name.slice(0, 140));
}
