/**
 * Whether a pattern means a path below some folder. `*` and `?` stand for what is no slash, `**` for
 * folders at any depth. A pattern without a slash means names at any depth, unless `./` stands in front;
 * one that means a folder means all that is in it.
 *
 * @param path with slashes between its parts, relative to the folder
 */
export function matchesGlob(pattern: string, path: string): boolean {
  const isAnchored = /^\.?\//.test(pattern);
  const wanted = pattern
    .replace(/^\.?\/+/, "")
    .replace(/\/+$/, "")
    .split("/");
  const parts = path.split("/");
  if (wanted.length === 1 && !isAnchored)
    return parts.some((part) => matchesName(wanted[0] ?? "", part));
  return matchesParts(wanted, parts);
}

/** The whole of `parts`, or the beginning of them, which is a folder then. */
function matchesParts(wanted: readonly string[], parts: readonly string[]): boolean {
  const [first, ...rest] = wanted;
  if (first === undefined) return true;
  if (first !== "**") {
    const [part, ...others] = parts;
    return part !== undefined && matchesName(first, part) && matchesParts(rest, others);
  }
  if (rest.length === 0) return parts.length > 0;
  return parts.some((_, start) => matchesParts(rest, parts.slice(start)));
}

/** One name, in steps that grow with the product of both lengths at most. */
function matchesName(pattern: string, name: string): boolean {
  let [at, from, star, mark] = [0, 0, -1, 0];
  while (from < name.length) {
    const wanted = pattern[at];
    if (wanted === "*") {
      star = at;
      mark = from;
      at += 1;
    } else if (wanted === "?" || wanted === name[from]) {
      at += 1;
      from += 1;
    } else if (star !== -1) {
      at = star + 1;
      mark += 1;
      from = mark;
    } else return false;
  }
  return /^\**$/.test(pattern.slice(at));
}
