import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { Text } from "../ui/text.tsx";
import { markMatches } from "./find-matches.ts";
import type { LogLine } from "./log-line.ts";
import { toShownLine } from "./shown-line.ts";

/** Longest line that is shown at once, and how much more each step shows. */
const firstMax = 2_000;
const stepFactor = 10;

const clock = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
  hour12: false,
});

export interface LogRowProps {
  readonly line: LogLine;
  readonly index: number;
  readonly hasTime: boolean;
  readonly pattern: RegExp | undefined;
  /** Whether it is the one the search is at. */
  readonly isCurrent: boolean;
}

export function LogRow({ line, index, hasTime, pattern, isCurrent }: LogRowProps): VNode {
  const [isWhole, setIsWhole] = useState(false);
  const [max, setMax] = useState(firstMax);
  const { spans, overwritten, cut } = toShownLine(line.message, isWhole, max);
  const { time, source } = line;
  const isOpen = isWhole || max > firstMax;
  return (
    <div
      class={`log-row${isCurrent ? " log-row-current" : ""}${isOpen ? " log-row-open" : ""}`}
      data-index={index}
    >
      {hasTime && time !== undefined && !Number.isNaN(time.getTime()) && (
        <time dateTime={time.toISOString()} title={time.toISOString()}>
          {clock.format(time)}
        </time>
      )}
      {source !== undefined && (
        <span class="log-source">
          <Text max={60}>{source}</Text>
        </span>
      )}
      <span class="log-text">
        <bdi>
          {markMatches(spans, pattern).map(({ text, style, isFound }, at) =>
            isFound ? (
              <mark key={at} class={style}>
                {text}
              </mark>
            ) : (
              <span key={at} class={style}>
                {text}
              </span>
            ),
          )}
        </bdi>
        {cut > 0 && (
          <button type="button" class="more log-more" onClick={() => setMax(max * stepFactor)}>
            … show more of {cut.toLocaleString()} characters
          </button>
        )}
        {overwritten > 0 && (
          <button
            type="button"
            class="more log-more"
            aria-expanded={isWhole}
            onClick={() => setIsWhole(!isWhole)}
          >
            {isWhole ? "hide" : "show"} {overwritten.toLocaleString()} overwritten
          </button>
        )}
      </span>
    </div>
  );
}
