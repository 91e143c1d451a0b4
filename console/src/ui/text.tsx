import type { VNode } from "preact";
import { toVisible } from "../text/visible-text.ts";

/**
 * Text of others: names, messages, values. Shown as text whatever it is, on its own direction, with
 * control characters made visible and cut where it is very long.
 */
export function Text({
  children,
  max = 100_000,
}: {
  readonly children: string;
  /** Longest text that is shown, in UTF-16 units; what is cut is said. */
  readonly max?: number;
}): VNode {
  const isCut = children.length > max;
  return (
    <bdi>
      {toVisible(isCut ? children.slice(0, max) : children)}
      {isCut && (
        <span class="muted"> … {(children.length - max).toLocaleString()} more characters</span>
      )}
    </bdi>
  );
}
