import { useSyncExternalStore } from "preact/compat";

/** As in runs.css, where a row turns into three lines on narrow windows. */
const narrow = matchMedia("(max-width: 880px)");
const heights = { wide: 41, narrow: 89 };

function subscribe(listener: () => void): () => void {
  narrow.addEventListener("change", listener);
  return () => narrow.removeEventListener("change", listener);
}

/** Height of a run's row in CSS pixels. */
export function useRowHeight(): number {
  return useSyncExternalStore(subscribe, () => (narrow.matches ? heights.narrow : heights.wide));
}
