import type { VNode } from "preact";
import { useState } from "preact/hooks";

/** What is made only when somebody opens it. */
export function Folded({
  summary,
  children,
}: {
  readonly summary: string;
  readonly children: () => VNode;
}): VNode {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <details open={isOpen} onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>{summary}</summary>
      {isOpen && children()}
    </details>
  );
}
