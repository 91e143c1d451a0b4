import type { ComponentChildren, VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { toAttributeText } from "../text/attribute-text.ts";

/** Scrolls what is too large, and is reached by keyboard only then (WCAG 2.1.1). */
export function ScrollFrame({
  label,
  children,
}: {
  readonly label: string;
  readonly children: ComponentChildren;
}): VNode {
  const frame = useRef<HTMLDivElement>(null);
  const [isLarge, setIsLarge] = useState(false);
  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const look = (): void => {
      const { scrollWidth, clientWidth, scrollHeight, clientHeight } = element;
      setIsLarge(scrollWidth > clientWidth || scrollHeight > clientHeight);
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
      {...(isLarge && { role: "region", "aria-label": toAttributeText(label), tabIndex: 0 })}
    >
      {children}
    </div>
  );
}
