import type { VNode } from "preact";
import { Text } from "./text.tsx";

/** A link out of the console, which opens in a tab of its own. */
export function OuterLink({
  href,
  children,
  max = 400,
}: {
  /** An address of `toWebAddress`, which a browser may open. */
  readonly href: string;
  readonly children: string;
  readonly max?: number;
}): VNode {
  return (
    <a href={href} target="_blank" rel="noopener noreferrer">
      <Text max={max}>{children}</Text>
      <span class="visually-hidden"> (opens in a new tab)</span>
    </a>
  );
}
