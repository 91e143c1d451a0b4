import type { ComponentChildren, VNode } from "preact";

/** Around a table, which scrolls in it where it is wider; with the keyboard, too (WCAG 2.1.1). */
export function TableFrame({
  label,
  children,
}: {
  /** What the table shows, for screen readers. */
  readonly label: string;
  readonly children: ComponentChildren;
}): VNode {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard.
    <section class="table-frame" aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
