import type { VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { PlacedFault } from "../../launch/fault-places.ts";
import { Text } from "../../ui/text.tsx";

/** All that is wrong, with a way to each place. Takes the focus when a start was refused. */
export function FaultSummary({
  faults,
  focusKey,
}: {
  readonly faults: readonly PlacedFault[];
  /** A change moves the focus here, where there are faults. */
  readonly focusKey: number;
}): VNode | null {
  const element = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    if (focusKey > 0) element.current?.focus();
  }, [focusKey]);
  if (faults.length === 0) return null;
  return (
    <section class="notice notice-error" ref={element} tabIndex={-1} aria-labelledby="faults">
      <h2 id="faults">
        {faults.length === 1
          ? "One value is not right yet"
          : `${faults.length} values are not right yet`}
      </h2>
      <ul>
        {faults.map(({ place, label, message }, index) => (
          <li key={index}>
            <a href={`#${place}`} onClick={(event) => goTo(event, place)}>
              <Text max={200}>{label}</Text>
            </a>
            : <Text max={500}>{message}</Text>
          </li>
        ))}
      </ul>
    </section>
  );
}

function goTo(event: MouseEvent, place: string): void {
  event.preventDefault();
  const control = document.getElementById(place);
  control?.closest("details")?.setAttribute("open", "");
  control?.scrollIntoView({ block: "center" });
  control?.focus({ preventScroll: true });
}
