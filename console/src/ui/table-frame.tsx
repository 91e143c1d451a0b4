import type { ComponentChildren, VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { toAttributeText } from "../text/attribute-text.ts";

/** Around a table, which scrolls in it where it is larger; with the keyboard, too (WCAG 2.1.1). */
export function TableFrame({
  label,
  children,
}: {
  /** What the table shows, for screen readers. */
  readonly label: string;
  readonly children: ComponentChildren;
}): VNode {
  const frame = useRef<HTMLDivElement>(null);
  const [scrolls, setScrolls] = useState(false);
  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const look = (): void => {
      const { scrollWidth, clientWidth, scrollHeight, clientHeight } = element;
      setScrolls(scrollWidth > clientWidth || scrollHeight > clientHeight);
    };
    const observer = new ResizeObserver(look);
    observer.observe(element);
    for (const child of element.children) observer.observe(child);
    return () => observer.disconnect();
  }, []);
  return (
    <div
      ref={frame}
      class="table-frame"
      // A group and no landmark: a page may have many tables.
      {...(scrolls && { role: "group", "aria-label": toAttributeText(label), tabIndex: 0 })}
    >
      {children}
    </div>
  );
}
