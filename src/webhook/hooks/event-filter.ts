/** Whether a hook takes events of a type. */
export type EventFilter = (type: string) => boolean;

const longestPattern = 200;

/** What is wrong with a pattern of `events`; undefined when nothing is. */
export function patternFault(pattern: unknown): string | undefined {
  if (typeof pattern !== "string" || pattern === "") return "is no text";
  if (pattern.length > longestPattern) return `has more than ${longestPattern} characters`;
  if (/\p{C}/u.test(pattern)) return "holds characters that cannot be seen";
  if (pattern.trim() !== pattern) return "has spaces at its ends";
  return undefined;
}

/**
 * Which types of events are taken: those that one of the patterns means as a whole, with `*` for any characters but
 * a dot. Without patterns all are.
 */
export function compileEventFilter(patterns: readonly string[] | undefined): EventFilter {
  if (patterns === undefined) return () => true;
  const wanted = patterns.map((pattern) => pattern.split("."));
  return (type) => {
    const parts = type.split(".");
    return wanted.some(
      (pattern) =>
        pattern.length === parts.length &&
        pattern.every((part, index) => matchesPart(part, parts[index] ?? "")),
    );
  };
}

/** The pieces between stars are taken where they first fit, so that no pattern takes long. */
function matchesPart(pattern: string, text: string): boolean {
  const [first = "", ...pieces] = pattern.split("*");
  const last = pieces.pop();
  if (last === undefined) return text === first;
  const end = text.length - last.length;
  if (end < first.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  let at = first.length;
  for (const piece of pieces) {
    const found = text.indexOf(piece, at);
    if (found === -1 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}
