import type { ComponentChildren, VNode } from "preact";

/** One of the facts of `<dl class="facts">`. */
export function Fact({
  name,
  width,
  children,
}: {
  readonly name: string;
  /** Of a long one: two columns, or all of them. */
  readonly width?: "wide" | "whole";
  readonly children: ComponentChildren;
}): VNode {
  return (
    <div class={width && `fact-${width}`}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
