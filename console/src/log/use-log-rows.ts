import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useReducer, useRef, useState } from "preact/hooks";
import { RowHeights } from "./row-heights.ts";

/** Height of a line that is not wrapped, as log-view.css has it. */
const rowHeight = 20;
/** Rows beyond those that can be seen, so that quick scrolling shows no gaps. */
const overscan = 15;
/** How far from the end counts as being there. */
const nearEnd = rowHeight * 1.5;

export interface LogRowsOptions {
  /** The element that scrolls; its rows have `data-index`. */
  readonly scroller: RefObject<HTMLElement>;
  readonly count: number;
  /** How many rows were taken away at the beginning, ever. */
  readonly dropped: number;
  /** Changes with all that rows are higher by than they are otherwise: width, wrapping, what is listed. */
  readonly layout: string;
}

export interface LogRows {
  readonly from: number;
  readonly to: number;
  /** Where the first of them begins, in CSS pixels. */
  readonly offset: number;
  readonly height: number;
  /** Whether the end is in sight and stays so when lines come. */
  readonly isFollowing: boolean;
  readonly follow: () => void;
  readonly scrollTo: (index: number) => void;
}

/** Which rows of a long list can be seen; sticks to the end while the reader is there. */
export function useLogRows({ scroller, count, dropped, layout }: LogRowsOptions): LogRows {
  const [, render] = useReducer<number, void>((before) => before + 1, 0);
  const [isFollowing, setIsFollowing] = useState(true);
  const [width, setWidth] = useState(0);
  const following = useRef(true);
  const last = useRef({ top: 0, dropped, layout: "" });
  const heights = useRef(new RowHeights(rowHeight));

  const setFollowing = (next: boolean): void => {
    following.current = next;
    setIsFollowing(next);
  };
  const whole = `${layout} ${width}`;
  let moved = 0;
  if (last.current.layout !== whole) {
    heights.current = new RowHeights(rowHeight);
    last.current.layout = whole;
  } else if (dropped > last.current.dropped) {
    moved = heights.current.dropFirst(dropped - last.current.dropped);
  }
  last.current.dropped = dropped;
  heights.current.resize(count);

  const element = scroller.current;
  const height = heights.current.offsetOf(count);
  const room = element?.clientHeight ?? 600;
  const top = following.current ? height - room : (element?.scrollTop ?? 0) - moved;
  const from = Math.max(0, heights.current.indexAt(top) - overscan);
  const to = Math.min(count, heights.current.indexAt(top + room) + 1 + overscan);

  useLayoutEffect(() => {
    const scrolled = scroller.current;
    if (scrolled === null) return;
    const { above, isChanged } = measure(scrolled, heights.current);
    if (following.current) scrolled.scrollTop = scrolled.scrollHeight;
    else if (moved + above !== 0) scrolled.scrollTop += above - moved;
    last.current.top = scrolled.scrollTop;
    if (isChanged) render();
  });

  useEffect(() => {
    const scrolled = scroller.current;
    if (scrolled === null) return;
    const onScroll = (): void => {
      const { scrollTop } = scrolled;
      if (isAtEnd(scrolled)) setFollowing(true);
      else if (scrollTop < last.current.top) setFollowing(false);
      last.current.top = scrollTop;
      render();
    };
    const observer = new ResizeObserver(() => {
      setWidth(scrolled.clientWidth);
      render();
    });
    scrolled.addEventListener("scroll", onScroll, { passive: true });
    observer.observe(scrolled);
    return () => {
      scrolled.removeEventListener("scroll", onScroll);
      observer.disconnect();
    };
  }, []);

  return {
    from,
    to,
    offset: heights.current.offsetOf(from),
    height,
    isFollowing,
    follow: () => {
      setFollowing(true);
      render();
    },
    scrollTo: (index) => {
      const scrolled = scroller.current;
      if (scrolled === null) return;
      scrolled.scrollTop = heights.current.offsetOf(index) - scrolled.clientHeight / 3;
      setFollowing(isAtEnd(scrolled));
      render();
    },
  };
}

function isAtEnd({ scrollTop, scrollHeight, clientHeight }: HTMLElement): boolean {
  return scrollHeight - scrollTop - clientHeight < nearEnd;
}

/** Takes in the heights of the rows that are there, and by how much those above the upper edge have grown. */
function measure(
  scrolled: HTMLElement,
  heights: RowHeights,
): { readonly above: number; readonly isChanged: boolean } {
  const first = heights.indexAt(scrolled.scrollTop);
  let above = 0;
  let isChanged = false;
  for (const row of scrolled.querySelectorAll<HTMLElement>("[data-index]")) {
    const index = Number(row.dataset["index"]);
    const grown = heights.set(index, row.offsetHeight);
    if (grown !== 0) isChanged = true;
    if (index < first) above += grown;
  }
  return { above, isChanged };
}
