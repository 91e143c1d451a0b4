/** What is left out of a copied folder unless a pattern takes it in again. */
const always = ["**/.git", "**/node_modules"];

/** Which paths a `.dockerignore` leaves out. */
export interface IgnorePatterns {
  /** Whether something left out may hold what is not. */
  readonly hasExceptions: boolean;
  /** @param path relative, with slashes */
  ignores(path: string): boolean;
}

/**
 * Reads a `.dockerignore`: one pattern in a line, from the folder's root on; `*`, `?`, `[a-z]`, `**` for any
 * folders, `!` for an exception, `#` for a comment. The last pattern that matches a path or a folder above it
 * decides. Folders `.git` and `node_modules` are left out as if they stood first.
 */
export function parseIgnorePatterns(text: string): IgnorePatterns {
  const lines = text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  const patterns = [...always, ...lines].map((line) => {
    const excepts = line.startsWith("!");
    return { excepts, matcher: toMatcher(excepts ? line.slice(1).trim() : line) };
  });
  return {
    hasExceptions: patterns.some(({ excepts }) => excepts),
    ignores(path) {
      const deciding = patterns.findLast(({ matcher }) => matcher.test(path));
      return deciding !== undefined && !deciding.excepts;
    },
  };
}

/** A pattern matches what it names and all below that. */
function toMatcher(pattern: string): RegExp {
  const anchored = pattern.replace(/^(?:\.?\/+)+/, "").replace(/\/+$/, "");
  // An empty pattern, or one that is the folder itself, leaves nothing out.
  if (anchored === "" || anchored === ".") return /^\b$/;
  const source = anchored.replace(token, (found, set: string | undefined) => {
    if (found === "**/") return "(?:.*/)?";
    if (/^\*{2,}$/.test(found)) return ".*";
    if (found === "*") return "[^/]*";
    if (found === "?") return "[^/]";
    if (set !== undefined) return toSet(set);
    return escapeText(found.length === 2 && found.startsWith("\\") ? found.slice(1) : found);
  });
  return new RegExp(`^${source}(?:/.*)?$`, "su");
}

/** The parts of a pattern; what stands between brackets is captured. */
const token = /\*\*\/|\*{2,}|\*|\?|\[([^\]/]+)\]|\\.|./gsu;

function toSet(set: string): string {
  const negated = /^[!^]/.test(set);
  const content = [...(negated ? set.slice(1) : set)]
    .map((character) => (character === "-" ? character : escapeText(character)))
    .join("");
  try {
    const source = `[${negated ? "^/" : ""}${content}]`;
    new RegExp(source, "u");
    return source;
  } catch {
    // A range that runs backwards matches nothing.
    return "(?!)";
  }
}

function escapeText(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
