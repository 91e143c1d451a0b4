import type { ComponentChildren, VNode } from "preact";
import { useId } from "preact/hooks";
import { toAttributeText } from "../text/attribute-text.ts";

export interface Tab {
  readonly id: string;
  readonly label: ComponentChildren;
}

/** Tabs after the ARIA pattern: arrow keys move, Home and End go to the ends. */
export function Tabs({
  label,
  tabs,
  current,
  onChange,
  children,
}: {
  readonly label: string;
  readonly tabs: readonly Tab[];
  readonly current: string;
  readonly onChange: (id: string) => void;
  /** The panel of the current tab. */
  readonly children: ComponentChildren;
}): VNode {
  const base = useId();
  const at = Math.max(
    0,
    tabs.findIndex(({ id }) => id === current),
  );
  const go = (event: KeyboardEvent, to: number): void => {
    event.preventDefault();
    const next = tabs[(to + tabs.length) % tabs.length];
    if (next === undefined) return;
    onChange(next.id);
    document.getElementById(`${base}-${next.id}`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "ArrowRight") go(event, at + 1);
    else if (event.key === "ArrowLeft") go(event, at - 1);
    else if (event.key === "Home") go(event, 0);
    else if (event.key === "End") go(event, tabs.length - 1);
  };
  return (
    <div class="tabs">
      <div
        class="tab-list"
        role="tablist"
        aria-label={toAttributeText(label)}
        onKeyDown={onKeyDown}
      >
        {tabs.map(({ id, label: text }, index) => (
          <button
            key={id}
            type="button"
            role="tab"
            id={`${base}-${id}`}
            aria-selected={index === at}
            aria-controls={index === at ? `${base}-panel` : undefined}
            tabIndex={index === at ? 0 : -1}
            onClick={() => onChange(id)}
          >
            {text}
          </button>
        ))}
      </div>
      <div
        class="tab-panel"
        role="tabpanel"
        id={`${base}-panel`}
        aria-labelledby={`${base}-${tabs[at]?.id ?? ""}`}
      >
        {children}
      </div>
    </div>
  );
}
