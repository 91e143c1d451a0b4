import { create } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import { type IdentityService, UserInfoResponseSchema } from "../../idl/auth.ts";
import { callerKey } from "../auth/caller.ts";
import { requireCaller } from "./scope.ts";

/** `flyteidl2.auth.IdentityService`: who the caller's credential says they are. */
export function createIdentityService(): ServiceImpl<typeof IdentityService> {
  return {
    userInfo: (_, context) => {
      const { subject, name, email } = requireCaller(context.values.get(callerKey));
      const [givenName = "", ...rest] = name.split(" ");
      return create(UserInfoResponseSchema, {
        subject,
        name,
        email,
        preferredUsername: subject,
        givenName,
        familyName: rest.join(" "),
      });
    },
  };
}
