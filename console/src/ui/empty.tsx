import type { ComponentChildren, VNode } from "preact";
import { CodeBlock } from "./code-block.tsx";

/** Where there is nothing to show: says so, and the command that changes it. */
export function Empty({
  title,
  command,
  children,
}: {
  readonly title: string;
  /** What to type next. */
  readonly command?: string;
  readonly children?: ComponentChildren;
}): VNode {
  return (
    <div class="empty">
      <h2>{title}</h2>
      {children}
      {command !== undefined && <CodeBlock text={command} label="Command" />}
    </div>
  );
}
