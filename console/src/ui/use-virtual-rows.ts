import {
  defaultRangeExtractor,
  elementScroll,
  observeElementOffset,
  observeElementRect,
  type Range,
  type VirtualItem,
  Virtualizer,
} from "@tanstack/virtual-core";
import type { RefObject } from "preact";
import { useLayoutEffect, useReducer, useState } from "preact/hooks";

export interface VirtualRowsOptions {
  /** The element that scrolls. */
  readonly scroller: RefObject<HTMLElement>;
  readonly count: number;
  /** Height of a row in CSS pixels; with `measure` of the element a first guess. */
  readonly rowHeight: number;
  /**
   * Identity of the row at an index, so that measured heights stay with their rows. The same function on
   * every render, or all rows are gone through each time.
   */
  readonly keyOf?: (index: number) => string | number;
  /** A row that stays while it cannot be seen, such as the one with the focus. */
  readonly kept?: number | undefined;
}

export interface VirtualRows {
  /** The rows that can be seen, and some around them. */
  readonly rows: readonly VirtualItem[];
  /** Height of all rows, in CSS pixels. */
  readonly height: number;
  /** `ref` of a row with `data-index`, where rows differ in height. */
  readonly measure: (element: HTMLElement | null) => void;
  readonly scrollTo: (index: number, align?: "start" | "center" | "end" | "auto") => void;
}

/** Rows beyond those that can be seen, so that quick scrolling shows no gaps. */
const overscan = 12;

/** Renders of a long list what can be seen: O(visible rows) elements, whatever its length. */
export function useVirtualRows({
  scroller,
  count,
  rowHeight,
  keyOf,
  kept,
}: VirtualRowsOptions): VirtualRows {
  const [, render] = useReducer<number, void>((before) => before + 1, 0);
  const options = {
    count,
    overscan,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    observeElementRect,
    observeElementOffset,
    scrollToFn: elementScroll,
    onChange: () => render(),
    rangeExtractor: (range: Range) => withKept(defaultRangeExtractor(range), kept, range.count),
    ...(keyOf !== undefined && { getItemKey: keyOf }),
  };
  const [virtualizer] = useState(() => new Virtualizer<HTMLElement, HTMLElement>(options));
  virtualizer.setOptions({ ...virtualizer.options, ...options });
  useLayoutEffect(() => virtualizer._didMount(), [virtualizer]);
  useLayoutEffect(() => virtualizer._willUpdate());
  return {
    rows: virtualizer.getVirtualItems(),
    height: virtualizer.getTotalSize(),
    measure: virtualizer.measureElement,
    scrollTo: (index, align = "auto") => virtualizer.scrollToIndex(index, { align }),
  };
}

function withKept(indexes: number[], kept: number | undefined, count: number): number[] {
  if (kept === undefined || kept >= count || indexes.includes(kept)) return indexes;
  return [...indexes, kept].sort((a, b) => a - b);
}
