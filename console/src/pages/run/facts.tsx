import type { ComponentChildren, VNode } from "preact";

/** One fact of a list of them. */
export function Fact({
  name,
  isWide = false,
  children,
}: {
  readonly name: string;
  readonly isWide?: boolean;
  readonly children: ComponentChildren;
}): VNode {
  return (
    <div class={isWide ? "fact-wide" : undefined}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
