import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { TaskIdentifier } from "../../../../src/idl/tasks.ts";
import type { JsonObject } from "../../../../src/shared/json.ts";
import { CallTabs } from "../../launch/call-tabs.tsx";
import type { Scope } from "../../scope.ts";

/** The same start as the form's, for programs; folded away. */
export function CallCard({
  scope,
  id,
  given,
  latest,
}: {
  readonly scope: Scope;
  readonly id: TaskIdentifier;
  /** What was entered; the rest is the task's defaults there, too. */
  readonly given: JsonObject;
  readonly latest: string;
}): VNode {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <details class="card" onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>The same call from a program</summary>
      {isOpen && (
        <CallTabs
          scope={scope}
          task={id.name}
          version={id.version === latest ? undefined : id.version}
          inputs={given}
        />
      )}
    </details>
  );
}
