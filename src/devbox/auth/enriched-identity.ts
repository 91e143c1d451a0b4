import { create } from "@bufbuild/protobuf";
import { type EnrichedIdentity, EnrichedIdentitySchema } from "../../idl/identifiers.ts";
import type { Caller } from "./caller.ts";

/** The caller as `flyteidl2.common.EnrichedIdentity`, with the name split at its first space. */
export function toEnrichedIdentity({ subject, name, email }: Caller): EnrichedIdentity {
  const [firstName = "", ...rest] = name.split(" ");
  return create(EnrichedIdentitySchema, {
    principal: {
      case: "user",
      value: { id: { subject }, spec: { firstName, lastName: rest.join(" "), email } },
    },
  });
}
