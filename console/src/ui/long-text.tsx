import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { Text } from "./text.tsx";

/** A step shows as much more that the page stays quick. */
const stepFactor = 10;
const longestStep = 200_000;

/** Text of others that may be very long: shown from its beginning, and more of it step by step. */
export function LongText({
  children,
  max = 1_000,
}: {
  readonly children: string;
  /** What is shown at first, in UTF-16 units. */
  readonly max?: number;
}): VNode {
  const [shown, setShown] = useState(max);
  const rest = children.length - shown;
  if (children.length <= max) return <Text max={max}>{children}</Text>;
  const next = Math.min(rest, shown * (stepFactor - 1), longestStep);
  return (
    <>
      <Text max={shown} isQuiet>
        {children}
      </Text>
      {rest > 0 && (
        <button type="button" class="more" onClick={() => setShown(shown + next)}>
          … show {next === rest ? "all" : next.toLocaleString()} of {rest.toLocaleString()} more
          characters
        </button>
      )}
      {shown > max && (
        <button type="button" class="more" onClick={() => setShown(max)}>
          show less
        </button>
      )}
    </>
  );
}
