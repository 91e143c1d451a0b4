import type { Span } from "./ansi.ts";

/** What is searched for, wherever it stands and however it is capitalised; undefined for nothing. */
export function toPattern(query: string): RegExp | undefined {
  if (query === "") return undefined;
  const literally = query.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
  try {
    return new RegExp(literally, "giu");
  } catch {
    // Half of a surrogate pair is in no line that is shown.
    return undefined;
  }
}

/** A part of a line in one style, found or not. */
export interface MarkedSpan extends Span {
  readonly isFound: boolean;
}

/** Divides the parts of a line where what was searched for begins and ends, across styles. */
export function markMatches(
  spans: readonly Span[],
  pattern: RegExp | undefined,
): readonly MarkedSpan[] {
  if (pattern === undefined) return spans.map((span) => ({ ...span, isFound: false }));
  const whole = spans.map(({ text }) => text).join("");
  const edges = [...whole.matchAll(pattern)].flatMap(({ index, 0: found }) => [
    index,
    index + found.length,
  ]);
  const marked: MarkedSpan[] = [];
  let start = 0;
  let edge = 0;
  for (const { text, style } of spans) {
    const end = start + text.length;
    for (let at = start; at < end; ) {
      while ((edges[edge] ?? end) <= at && edge < edges.length) edge += 1;
      const next = Math.min(end, edges[edge] ?? end);
      marked.push({ text: whole.slice(at, next), style, isFound: edge % 2 === 1 });
      at = next;
    }
    start = end;
  }
  return marked;
}
