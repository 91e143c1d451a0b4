import type { EnrichedIdentity } from "../../../src/idl/identifiers.ts";

/** Who it is, for people: the name, or the subject where there is none; undefined when nobody is told. */
export function toIdentityName(identity: EnrichedIdentity | undefined): string | undefined {
  const { principal } = identity ?? {};
  if (principal?.case === "user") {
    const { id, spec } = principal.value;
    const name = [spec?.firstName, spec?.lastName].filter(Boolean).join(" ");
    return name || id?.subject || undefined;
  }
  if (principal?.case === "application") {
    const { id, spec } = principal.value;
    return spec?.name || id?.subject || undefined;
  }
  return undefined;
}
