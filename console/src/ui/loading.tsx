import type { VNode } from "preact";

/** Shown after a moment, so that what is quick does not flicker (see `.loading` in ui.css). */
export function Loading({ what }: { readonly what: string }): VNode {
  return (
    <p class="loading muted" role="status">
      Loading {what} …
    </p>
  );
}
