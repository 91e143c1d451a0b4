import { invalidConfig, show } from "./invalid-config.ts";

/**
 * Splits a command line into its words, as a POSIX shell reads quotes and backslashes. Nothing is
 * expanded: `$NAME`, `*` and `#` stand for themselves.
 *
 * @throws FlyteError `invalid_config` for a quote that is not closed and a backslash at the end
 */
export function splitShellWords(text: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  let index = 0;
  while (index < text.length) {
    if (text.startsWith("\\\n", index)) {
      index += 2; // the line goes on
      continue;
    }
    const part = nextPart(text, index);
    index = part.end;
    if (part.text !== undefined) word = (word ?? "") + part.text;
    else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  return word === undefined ? words : [...words, word];
}

/** A piece of a word, or space between words (without a text). */
interface Part {
  readonly text: string | undefined;
  readonly end: number;
}

function nextPart(text: string, start: number): Part {
  const first = text.charAt(start);
  if (/[ \t\r\n]/.test(first)) return { text: undefined, end: start + 1 };
  if (first === "'") return singleQuoted(text, start);
  if (first === '"') return doubleQuoted(text, start);
  if (first !== "\\") return { text: first, end: start + 1 };
  if (start + 1 === text.length) {
    throw invalidConfig(`The command ${show(text)} ends with a backslash that escapes nothing.`);
  }
  return { text: text.charAt(start + 1), end: start + 2 };
}

function singleQuoted(text: string, start: number): Part {
  const end = text.indexOf("'", start + 1);
  if (end === -1) throw unclosed(text, "single");
  return { text: text.slice(start + 1, end), end: end + 1 };
}

function doubleQuoted(text: string, start: number): Part {
  let content = "";
  for (let index = start + 1; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (character === '"') return { text: content, end: index + 1 };
    if (character !== "\\") {
      content += character;
      continue;
    }
    const escaped = text.charAt(index + 1);
    if (escaped === "\n") index += 1;
    else if (/["\\$`]/.test(escaped)) {
      content += escaped;
      index += 1;
    } else content += character;
  }
  throw unclosed(text, "double");
}

function unclosed(text: string, kind: "single" | "double") {
  return invalidConfig(`The command ${show(text)} has a ${kind} quote that is not closed.`);
}
