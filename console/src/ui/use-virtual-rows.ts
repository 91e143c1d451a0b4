import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
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
  /** Identity of the row at an index, so that rows that come in above do not move what is read. */
  readonly keyOf?: (index: number) => string | number;
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
