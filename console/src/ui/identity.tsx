import type { VNode } from "preact";
import type { EnrichedIdentity } from "../../../src/idl/identifiers.ts";
import { toIdentityName } from "../text/identity-name.ts";
import { Text } from "./text.tsx";

/** Somebody by name, with the subject that the control plane knows them by. */
export function Identity({ of }: { readonly of: EnrichedIdentity | undefined }): VNode {
  const name = toIdentityName(of);
  if (name === undefined) return <span class="muted">nobody known</span>;
  const subject = of?.principal.value?.id?.subject ?? "";
  return (
    <>
      <Text max={100}>{name}</Text>
      {subject !== "" && subject !== name && (
        <span class="muted">
          {" "}
          (<Text max={100}>{subject}</Text>)
        </span>
      )}
    </>
  );
}
