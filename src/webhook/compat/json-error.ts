/** Where and why Python's `json` gives a text up. */
export interface JsonError {
  /** Characters before the fault, each code point counting one. */
  readonly offset: number;
  readonly reason: string;
}

/** Far below what Python follows, and what its stack and ours bear. */
const maxDepth = 64;

class Fault extends Error {
  readonly at: number;

  constructor(at: number, reason: string) {
    super(reason);
    this.at = at;
  }
}

class TooDeep extends Error {}

/**
 * The fault that Python's `json.loads` (3.11, C accelerated) reports for a text; undefined when it
 * reads it. It reads some texts that are refused here, such as those with `NaN` or a repeated key.
 */
export function findJsonError(text: string): JsonError | undefined {
  try {
    const end = skipSpace(text, scanValue(text, skipSpace(text, 0), 0));
    if (end < text.length) throw new Fault(end, "Extra data");
    return undefined;
  } catch (error) {
    if (error instanceof TooDeep) return undefined;
    if (!(error instanceof Fault)) throw error;
    return { offset: [...text.slice(0, error.at)].length, reason: error.message };
  }
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && " \t\n\r".includes(text.charAt(at))) at += 1;
  return at;
}

const words = ["null", "true", "false", "NaN", "Infinity", "-Infinity"];
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/** The end of the value that begins at `at`. */
function scanValue(text: string, at: number, depth: number): number {
  if (depth > maxDepth) throw new TooDeep();
  const first = text[at];
  if (first === '"') return scanString(text, at);
  if (first === "{") return scanObject(text, at + 1, depth + 1);
  if (first === "[") return scanArray(text, at + 1, depth + 1);
  const word = words.find((known) => text.startsWith(known, at));
  if (word !== undefined) return at + word.length;
  number.lastIndex = at;
  if (number.test(text)) return number.lastIndex;
  throw new Fault(at, "Expecting value");
}

function scanObject(text: string, from: number, depth: number): number {
  let at = skipSpace(text, from);
  if (text[at] === "}") return at + 1;
  for (;;) {
    if (text[at] !== '"') {
      throw new Fault(at, "Expecting property name enclosed in double quotes");
    }
    at = skipSpace(text, scanString(text, at));
    if (text[at] !== ":") throw new Fault(at, "Expecting ':' delimiter");
    at = skipSpace(text, scanValue(text, skipSpace(text, at + 1), depth));
    if (text[at] === "}") return at + 1;
    if (text[at] !== ",") throw new Fault(at, "Expecting ',' delimiter");
    at = skipSpace(text, at + 1);
  }
}

function scanArray(text: string, from: number, depth: number): number {
  let at = skipSpace(text, from);
  if (text[at] === "]") return at + 1;
  for (;;) {
    at = skipSpace(text, scanValue(text, at, depth));
    if (text[at] === "]") return at + 1;
    if (text[at] !== ",") throw new Fault(at, "Expecting ',' delimiter");
    at = skipSpace(text, at + 1);
  }
}

function scanString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length) {
    const char = text.charAt(at);
    if (char === '"') return at + 1;
    if (char < " ") throw new Fault(at, "Invalid control character at");
    if (char !== "\\") at += 1;
    else if (at + 1 === text.length) break;
    else at = scanEscape(text, at);
  }
  throw new Fault(start, "Unterminated string starting at");
}

function scanEscape(text: string, at: number): number {
  const kind = text.charAt(at + 1);
  if (kind !== "u") {
    if (!'"\\/bfnrt'.includes(kind)) throw new Fault(at, "Invalid \\escape");
    return at + 2;
  }
  const digits = text.slice(at + 2, at + 6);
  // Four digits that end the text are not looked at either.
  if (!/^[0-9a-fA-F]{4}$/.test(digits) || at + 6 >= text.length) {
    throw new Fault(at + 1, "Invalid \\uXXXX escape");
  }
  return at + 6;
}
