import { create } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import { type IdentityService, UserInfoResponseSchema } from "../../idl/auth.ts";
import { type Caller, callerKey } from "../auth/caller.ts";
import type { Database } from "../store/database.ts";
import { rolesOf } from "../store/identities.ts";
import { requireCaller } from "./scope.ts";

/** `flyteidl2.auth.IdentityService`: who the caller's credential says they are, with their roles as a further claim. */
export function createIdentityService({
  database,
}: {
  readonly database: Database;
}): ServiceImpl<typeof IdentityService> {
  return {
    userInfo: (_, context) => {
      const caller = requireCaller(context.values.get(callerKey));
      const { subject, name, email } = caller;
      const [givenName = "", ...rest] = name.split(" ");
      return create(UserInfoResponseSchema, {
        subject,
        name,
        email,
        preferredUsername: subject,
        givenName,
        familyName: rest.join(" "),
        additionalClaims: { roles: toRoleClaims(caller, database) },
      });
    },
  };
}

/** A task's token has none of its owner's roles. */
function toRoleClaims({ subject, onlyRun }: Caller, database: Database) {
  if (onlyRun !== undefined) return [];
  return rolesOf(database, subject).map(({ project, domain, role }) => ({ project, domain, role }));
}
