import type { ComponentChildren, VNode } from "preact";
import { Text } from "./text.tsx";

/** The head of a page: where it is, its name, what can be done. */
export function PageHeader({
  title,
  above,
  children,
}: {
  readonly title: string;
  /** The page above it. */
  readonly above?: { readonly title: string; readonly href: string };
  /** Buttons and states. */
  readonly children?: ComponentChildren;
}): VNode {
  return (
    <header class="page-header">
      <div class="page-name">
        {above !== undefined && (
          <nav aria-label="Breadcrumb">
            <a href={above.href}>
              <Text max={120}>{above.title}</Text>
            </a>
          </nav>
        )}
        <h1>
          <Text max={300}>{title}</Text>
        </h1>
      </div>
      {children !== undefined && <div class="page-actions">{children}</div>}
    </header>
  );
}
