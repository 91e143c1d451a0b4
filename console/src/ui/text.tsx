import type { VNode } from "preact";
import { cutText } from "../text/cut-text.ts";
import { toVisible } from "../text/visible-text.ts";

/**
 * Text of others: names, messages, values. Shown as text whatever it is, on its own direction, with
 * control characters made visible and cut where it is very long.
 */
export function Text({
  children,
  max = 100_000,
  isQuiet = false,
}: {
  readonly children: string;
  /** Longest text that is shown, in UTF-16 units; what is cut is said. */
  readonly max?: number;
  /** Says nothing of what is cut, where something else does. */
  readonly isQuiet?: boolean;
}): VNode {
  const shown = cutText(children, max);
  const cut = children.length - shown.length;
  return (
    <bdi>
      {toVisible(shown)}
      {cut > 0 && !isQuiet && <span class="muted"> … {cut.toLocaleString()} more characters</span>}
    </bdi>
  );
}
