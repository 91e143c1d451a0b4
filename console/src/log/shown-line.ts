import { cutText } from "../text/cut-text.ts";
import { parseAnsi, type Span } from "./ansi.ts";

/** A line as it is shown. */
export interface ShownLine {
  readonly spans: readonly Span[];
  /** How many texts a carriage return has overwritten, as progress bars do. */
  readonly overwritten: number;
  /** How many characters are cut off. */
  readonly cut: number;
}

/**
 * What a terminal would show of a line in the end: what follows its last carriage return.
 *
 * @param isWhole - shows what was overwritten, too, each on a line of its own
 * @param max - longest text in UTF-16 units
 */
export function toShownLine(message: string, isWhole: boolean, max: number): ShownLine {
  const texts = message.includes("\r") ? message.split(/\r+/).filter((text) => text !== "") : [];
  const overwritten = Math.max(0, texts.length - 1);
  const last = texts.at(-1) ?? message.replaceAll("\r", "");
  const text = isWhole && overwritten > 0 ? texts.join("\n") : last;
  const shown = cutText(text, max);
  return { spans: parseAnsi(shown), overwritten, cut: text.length - shown.length };
}
