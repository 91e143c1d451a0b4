import type { ComponentChildren, VNode } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
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
  const look = (): void => {
    if (frame.current === null) return;
    const { scrollWidth, clientWidth, scrollHeight, clientHeight } = frame.current;
    setScrolls(scrollWidth > clientWidth || scrollHeight > clientHeight);
  };
  useLayoutEffect(look);
  useEffect(() => {
    if (frame.current === null) return;
    const observer = new ResizeObserver(look);
    observer.observe(frame.current);
    for (const child of frame.current.children) observer.observe(child);
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
