import { toVisible } from "../text/visible-text.ts";

/** A part of a line in one style. */
export interface Span {
  /** As it may be shown (see `toVisible`). */
  readonly text: string;
  /** Classes of log-view.css, `ansi-bold ansi-red`; empty for plain text. */
  readonly style: string;
}

const esc = String.fromCharCode(0x1b);
/** Select Graphic Rendition (ECMA-48, 8.3.117), the one sequence that is obeyed. */
const sgr = new RegExp(`${esc}\\[([\\d;:]{0,64})m`, "g");
/** A sequence that a cut left incomplete. */
const begun = new RegExp(`${esc}(?:\\[[\\d;:]{0,64})?$`);

/** Beyond that many changes of style the rest of a line is plain: each is an element of the page. */
const mostSpans = 500;

const colors = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"] as const;
type Color = (typeof colors)[number];

interface Style {
  readonly flags: ReadonlySet<"bold" | "italic" | "underline" | "strike" | "inverse">;
  readonly front: Color | undefined;
  readonly back: Color | undefined;
}

const plain: Style = { flags: new Set(), front: undefined, back: undefined };

/**
 * Reads the colours of a line. Every other escape sequence becomes visible text, and what would hide text (faint,
 * concealed, black on black) has no effect: colours are few classes with enough contrast in both themes.
 */
export function parseAnsi(line: string): readonly Span[] {
  if (!line.includes(esc)) return line === "" ? [] : [{ text: toVisible(line), style: "" }];
  const spans: Span[] = [];
  let style = plain;
  let at = 0;
  for (const match of line.matchAll(sgr)) {
    add(spans, line.slice(at, match.index), style);
    at = match.index + match[0].length;
    style = spans.length < mostSpans ? apply(style, match[1] ?? "") : plain;
  }
  add(spans, line.slice(at).replace(begun, ""), style);
  return spans;
}

/** A line without its colours, as it may be shown: what {@link parseAnsi} shows, in one. */
export function toPlainText(line: string): string {
  if (!line.includes(esc)) return toVisible(line);
  return parseAnsi(line)
    .map(({ text }) => text)
    .join("");
}

function add(spans: Span[], raw: string, style: Style): void {
  if (raw === "") return;
  const text = toVisible(raw);
  const name = toClasses(style);
  const last = spans.at(-1);
  if (last?.style === name) spans.splice(-1, 1, { text: last.text + text, style: name });
  else spans.push({ text, style: name });
}

function toClasses({ flags, front, back }: Style): string {
  return [...flags, ...(front ? [front] : []), ...(back ? [`on-${back}`] : [])]
    .map((name) => `ansi-${name}`)
    .join(" ");
}

function apply(style: Style, parameters: string): Style {
  const codes = parameters.split(";");
  let next = style;
  for (let at = 0; at < codes.length; at += 1) {
    const [first = "", ...sub] = (codes[at] ?? "").split(":");
    const code = Number(first);
    if (code !== 38 && code !== 48) {
      // Underlines of several kinds have one after a colon; 4:0 is none.
      next = code === 4 && sub[0] === "0" ? without(next, "underline") : change(next, code);
      continue;
    }
    const rest = sub.length > 0 ? sub : codes.slice(at + 1);
    const { color, taken } = readColor(rest.map(Number), sub.length > 0);
    if (sub.length === 0) at += taken;
    if (color !== undefined) next = { ...next, [code === 38 ? "front" : "back"]: color };
  }
  return next;
}

const setFlags: ReadonlyMap<number, "bold" | "italic" | "underline" | "strike" | "inverse"> =
  new Map([
    [1, "bold"],
    [3, "italic"],
    [4, "underline"],
    [7, "inverse"],
    [9, "strike"],
    [21, "underline"],
  ]);
const clearedFlags: ReadonlyMap<number, "bold" | "italic" | "underline" | "strike" | "inverse"> =
  new Map([
    [22, "bold"],
    [23, "italic"],
    [24, "underline"],
    [27, "inverse"],
    [29, "strike"],
  ]);

function change(style: Style, code: number): Style {
  if (code === 0) return plain;
  const set = setFlags.get(code);
  if (set !== undefined) return { ...style, flags: new Set([...style.flags, set]) };
  const cleared = clearedFlags.get(code);
  if (cleared !== undefined) return without(style, cleared);
  if (code === 39) return { ...style, front: undefined };
  if (code === 49) return { ...style, back: undefined };
  const color = colors[code % 10];
  if (color === undefined) return style;
  if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) return { ...style, front: color };
  if ((code >= 40 && code <= 47) || (code >= 100 && code <= 107)) return { ...style, back: color };
  return style;
}

function without(
  style: Style,
  flag: "bold" | "italic" | "underline" | "strike" | "inverse",
): Style {
  return { ...style, flags: new Set([...style.flags].filter((each) => each !== flag)) };
}

/** `5;N` of a palette, or `2;R;G;B`; with colons a colour space may stand before the three. */
function readColor(
  codes: readonly number[],
  hasColons: boolean,
): { readonly color: Color | undefined; readonly taken: number } {
  if (codes[0] === 5) return { color: fromPalette(codes[1] ?? -1), taken: 2 };
  if (codes[0] !== 2) return { color: undefined, taken: codes.length };
  const rgb = hasColons && codes.length >= 5 ? codes.slice(2, 5) : codes.slice(1, 4);
  return { color: nearest(rgb), taken: 4 };
}

function fromPalette(number: number): Color | undefined {
  if (!Number.isInteger(number) || number < 0 || number > 255) return undefined;
  if (number < 16) return colors[number % 8];
  if (number >= 232) return number < 244 ? "black" : "white";
  const cube = number - 16;
  return nearest([Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map((n) => n * 51));
}

/** The colour of the eight with the same hue; grey is black or white. */
function nearest(rgb: readonly number[]): Color | undefined {
  if (rgb.length !== 3 || !rgb.every((part) => part >= 0 && part <= 255)) return undefined;
  const most = Math.max(...rgb);
  const least = Math.min(...rgb);
  if (most - least < 40) return most < 128 ? "black" : "white";
  const middle = (most + least) / 2;
  const bits = rgb.reduce((sum, part, index) => sum + (part >= middle ? 2 ** index : 0), 0);
  return colors[bits];
}
