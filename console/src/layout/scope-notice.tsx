import type { VNode } from "preact";
import type { Project } from "../../../src/idl/projects.ts";
import type { Scope } from "../scope.ts";
import { Text } from "../ui/text.tsx";

/** Says that the address names a project or a domain that there is not, which looks like an empty one otherwise. */
export function ScopeNotice({
  scope: { project, domain },
  known,
}: {
  readonly scope: Scope;
  readonly known: readonly Project[] | undefined;
}): VNode | null {
  if (known === undefined) return null;
  const found = known.find(({ id }) => id === project);
  if (found?.domains.some(({ id }) => id === domain)) return null;
  const [kind, name] = found === undefined ? ["project", project] : ["domain", domain];
  return (
    <p class="notice notice-warn" role="status">
      There is no {kind}{" "}
      <strong>
        <Text max={100}>{name}</Text>
      </strong>{" "}
      that you may read. Choose another one above.
    </p>
  );
}
