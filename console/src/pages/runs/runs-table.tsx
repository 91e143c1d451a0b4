import type { VNode } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Scope } from "../../scope.ts";
import { Button } from "../../ui/button.tsx";
import { ErrorNotice } from "../../ui/error-notice.tsx";
import { useVirtualRows } from "../../ui/use-virtual-rows.ts";
import type { KeptRuns } from "./kept-runs.ts";
import { RunCells } from "./run-cells.tsx";
import type { RunRow } from "./run-row.ts";
import { useRowHeight } from "./use-row-height.ts";
import type { Runs } from "./use-runs.ts";

const columns = ["Run", "Phase", "Task", "Owner", "Source", "Started", "Duration"] as const;

/** How many rows before the end of what is known the next page is asked for. */
const readAhead = 100;

/** The runs of a list, those that can be seen drawn alone. */
export function RunsTable({
  scope,
  kept,
  runs,
}: {
  readonly scope: Scope;
  readonly kept: KeptRuns;
  readonly runs: Runs;
}): VNode {
  const { list } = kept;
  const { isLoading, error, hold, readMore, release, retry } = runs;
  const scroller = useRef<HTMLElement>(null);
  const rowHeight = useRowHeight();
  const [focused, setFocused] = useState<RunRow>();
  const count = list.runs.length - list.held;
  const focusedAt = focused === undefined ? -1 : list.indexOf(focused) - list.held;
  const { rows, height } = useVirtualRows({
    scroller,
    count,
    rowHeight,
    kept: focusedAt < 0 ? undefined : focusedAt,
  });
  useAnchor(scroller, kept, rowHeight);

  const lastDrawn = rows.at(-1)?.index ?? -1;
  useEffect(() => {
    if (lastDrawn >= count - readAhead) readMore();
  }, [lastDrawn, count, isLoading, readMore]);

  const look = (): void => {
    const element = scroller.current;
    if (element === null) return;
    kept.scrolledTo = element.scrollTop;
    hold.current = element.scrollTop > 0 || element.contains(focusedRow(element));
    if (!hold.current && list.held > 0) release();
  };
  const showNew = (): void => {
    release();
    scroller.current?.scrollTo({ top: 0 });
    scroller.current?.focus();
  };

  return (
    <div class="runs">
      {list.held > 0 && (
        <div class="runs-new">
          <Button kind="primary" onClick={showNew}>
            {list.held === 1 ? "1 new run" : `${list.held.toLocaleString()} new runs`}
          </Button>
        </div>
      )}
      {/* What scrolls has to be reached by keyboard (WCAG 2.1.1). */}
      <section
        ref={scroller}
        class="runs-scroller"
        aria-label="List of runs"
        aria-busy={isLoading}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: see above.
        tabIndex={0}
        onScroll={look}
        onKeyDown={moveFocus}
        onFocusIn={(event) => {
          const index = Number(rowOf(event.target)?.dataset["index"] ?? Number.NaN);
          setFocused(list.runs[index + list.held]);
          look();
        }}
        onFocusOut={() => {
          setFocused(undefined);
          requestAnimationFrame(look);
        }}
      >
        <table aria-label="Runs" aria-rowcount={list.isComplete ? count + 1 : -1}>
          <thead>
            <tr class="run" aria-rowindex={1}>
              {columns.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody style={{ height: `${height}px` }}>
            {rows.map(({ index, start }) => {
              const run = list.runs[index + list.held];
              return run && <Row key={run.name} {...{ run, scope, index, start }} />;
            })}
          </tbody>
        </table>
        {isLoading && !list.isComplete && <p class="runs-more muted">Loading older runs …</p>}
      </section>
      <ErrorNotice error={error} retry={retry} />
    </div>
  );
}

function Row({
  run,
  scope,
  index,
  start,
}: {
  readonly run: RunRow;
  readonly scope: Scope;
  readonly index: number;
  readonly start: number;
}): VNode {
  return (
    <tr
      class="run"
      // The header is the first.
      aria-rowindex={index + 2}
      data-index={index}
      style={{ transform: `translateY(${start}px)` }}
    >
      <RunCells run={run} scope={scope} />
    </tr>
  );
}

/**
 * Keeps what is read where it is when rows come or go above it. Where the reader is was noted by the last scroll:
 * asking the element after each change would make the browser lay out the page for the answer.
 */
function useAnchor(
  scroller: { readonly current: HTMLElement | null },
  kept: KeptRuns,
  rowHeight: number,
): void {
  const before = useRef<{ readonly of: KeptRuns; readonly run: RunRow | undefined; at: number }>();
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const { list } = kept;
    const { of, run, at: wasAt } = before.current ?? {};
    if (of !== kept) {
      element.scrollTop = kept.scrolledTo;
    } else if (run !== undefined && wasAt !== undefined && kept.scrolledTo > 0) {
      const moved = list.indexOf(run) - list.held - wasAt;
      if (moved !== 0) {
        kept.scrolledTo += moved * rowHeight;
        element.scrollTop = kept.scrolledTo;
      }
    }
    const at = Math.floor(kept.scrolledTo / rowHeight);
    before.current = { of: kept, run: list.runs[at + list.held], at };
  });
}

function rowOf(target: EventTarget | null): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>("[data-index]") : null;
}

function focusedRow(within: HTMLElement): HTMLElement | null {
  const row = rowOf(document.activeElement);
  return row !== null && within.contains(row) ? row : null;
}

/** Up and down go from run to run. */
function moveFocus(event: KeyboardEvent): void {
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  const row = rowOf(event.target);
  if (step === 0 || row === null) return;
  const next = Number(row.dataset["index"]) + step;
  const link = row.parentElement?.querySelector<HTMLElement>(`[data-index="${next}"] a`);
  if (!link) return;
  event.preventDefault();
  link.focus();
}
