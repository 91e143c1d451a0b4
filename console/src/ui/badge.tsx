import type { VNode } from "preact";

/** How a state is meant: `busy` for what will be another soon. */
export type Tone = "good" | "busy" | "bad" | "warn" | "quiet";

/** A state in a word with a sign, so that colour is never alone. */
export function Badge({
  tone,
  children,
}: {
  readonly tone: Tone;
  readonly children: string;
}): VNode {
  return (
    <span class={`badge badge-${tone}`}>
      <span class="badge-sign" aria-hidden="true" />
      {children}
    </span>
  );
}
