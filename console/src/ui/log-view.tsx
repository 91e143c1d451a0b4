import type { VNode } from "preact";
import { useRef, useState } from "preact/hooks";
import type { WatchStatus } from "../control-plane/use-watch.ts";
import { type LogLine, printLines } from "../log/log-line.ts";
import { LogRow } from "../log/log-row.tsx";
import { useLogSettings } from "../log/log-settings.ts";
import { LogTools } from "../log/log-tools.tsx";
import { useLog } from "../log/use-log.ts";
import { useLogRows } from "../log/use-log-rows.ts";
import { useLogSearch } from "../log/use-log-search.ts";
import { toAttributeText } from "../text/attribute-text.ts";
import { Button } from "./button.tsx";
import { ErrorNotice } from "./error-notice.tsx";
import { Text } from "./text.tsx";
import { WatchState } from "./watch-state.tsx";
import "./log-view.css";

export type { LogLine } from "../log/log-line.ts";

export interface LogViewProps {
  /** What is read, for screen readers and the name of a download: `r1-a0-1`. */
  readonly name: string;
  /** Says what the log is of; undefined where there is none yet. A change begins anew. */
  readonly watchKey: string | undefined;
  /** Opens the log from its beginning; ends when nothing more can come. */
  readonly open: (signal: AbortSignal, onHeader: () => void) => AsyncIterable<readonly LogLine[]>;
  /** Prints the whole log, for those of which the page keeps the end only: `flyte-webhook get logs r1`. */
  readonly command?: string | undefined;
}

/** A log as it is written: live, with search, follow and download. */
export function LogView({ name, watchKey, open, command }: LogViewProps): VNode {
  const log = useLog(watchKey, open);
  const { buffer, status } = log;
  const search = useLogSearch(log);
  const [settings, toggle] = useLogSettings();
  const [current, setCurrent] = useState(-1);
  const scroller = useRef<HTMLElement>(null);
  const field = useRef<HTMLInputElement>(null);

  const found = settings.onlyFound && search.pattern !== undefined ? search.found : undefined;
  const count = found?.length ?? buffer.end - buffer.first;
  const numberAt = (index: number): number =>
    found === undefined ? buffer.first + index : (found[index] ?? -1);
  const rows = useLogRows({
    scroller,
    count,
    dropped: found === undefined ? buffer.first : 0,
    layout: JSON.stringify([watchKey, settings, found && search.query, buffer.changes]),
  });
  const place = search.found.indexOf(current);
  const go = (step: 1 | -1): void => {
    const all = search.look();
    const next = nextFound(all, current, step, numberAt(rows.from));
    if (next === undefined) return;
    setCurrent(next);
    rows.scrollTo(found === undefined ? next - buffer.first : all.indexOf(next));
  };
  const print = (): string =>
    printLines(
      Array.from({ length: count }, (_, index) => buffer.at(numberAt(index))),
      settings.hasTimes,
    );
  const shown = Array.from({ length: rows.to - rows.from }, (_, at) => rows.from + at);

  return (
    <div class="log">
      <LogTools {...{ name, search, field, place, go, settings, toggle, print }} />
      {status.kind === "failed" && <ErrorNotice error={status.error} />}
      {buffer.first > 0 && (
        <p class="log-left-out muted">
          The first {buffer.first.toLocaleString()} lines are not kept here.
          {command !== undefined && (
            <>
              {" "}
              All of them: <code>{<Text max={300}>{command}</Text>}</code>
            </>
          )}
        </p>
      )}
      <div class="log-frame">
        {/* What scrolls has to be reached by keyboard (WCAG 2.1.1). */}
        <section
          ref={scroller}
          class={`log-lines${settings.isWrapped ? " log-wrapped" : ""}`}
          aria-label={`Log of ${toAttributeText(name)}`}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: see above.
          tabIndex={0}
          onKeyDown={(event) => {
            if (event.key !== "/") return;
            event.preventDefault();
            field.current?.focus();
          }}
        >
          {count === 0 && (
            <p class="log-empty muted">
              {found === undefined ? wordsOf(watchKey, status) : "No line holds this."}
            </p>
          )}
          <div class="log-space" style={{ height: `${rows.height}px` }}>
            <div class="log-window" style={{ transform: `translateY(${rows.offset}px)` }}>
              {shown.map((index) => {
                const number = numberAt(index);
                const line = buffer.at(number);
                return (
                  line !== undefined && (
                    <LogRow
                      key={number}
                      line={line}
                      index={index}
                      hasTime={settings.hasTimes}
                      pattern={search.pattern}
                      isCurrent={number === current}
                    />
                  )
                );
              })}
            </div>
          </div>
        </section>
        {!rows.isFollowing && (
          <div class="log-follow">
            <Button onClick={rows.follow}>↓ Go to the end</Button>
          </div>
        )}
      </div>
      <div class="log-foot">
        {watchKey !== undefined && <WatchState status={status} />}
        <span class="muted">
          {buffer.end.toLocaleString()} {buffer.end === 1 ? "line" : "lines"}
        </span>
      </div>
    </div>
  );
}

function wordsOf(watchKey: string | undefined, status: WatchStatus): string {
  if (watchKey === undefined) return "There is no log yet.";
  if (status.kind === "ended") return "Nothing was written.";
  if (status.kind === "failed") return "The log cannot be read.";
  return "Nothing has been written yet. Lines appear here as they are written.";
}

/** The line after the present one, or before it, round the ends; from what is seen where there is none yet. */
function nextFound(
  found: readonly number[],
  current: number,
  step: 1 | -1,
  seen: number,
): number | undefined {
  const place = found.indexOf(current);
  if (place >= 0) return found[(place + step + found.length) % found.length];
  const after = found.findIndex((number) => number >= seen);
  return (step === 1 ? found[after] : found[after - 1]) ?? found.at(step === 1 ? 0 : -1);
}
