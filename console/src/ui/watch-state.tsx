import type { VNode } from "preact";
import type { WatchStatus } from "../control-plane/use-watch.ts";

const words: Readonly<Record<WatchStatus["kind"], string>> = {
  connecting: "Connecting …",
  live: "Live",
  waiting: "Broken off, connecting again …",
  ended: "Complete",
  failed: "Not live",
};

/** Whether what is shown follows the devbox. */
export function WatchState({ status }: { readonly status: WatchStatus }): VNode {
  return (
    <span class={`watch watch-${status.kind}`} role="status">
      <span class="watch-sign" aria-hidden="true" />
      {words[status.kind]}
    </span>
  );
}
