/**
 * The word of `words` that `text` most likely stands for: the same letters in another case, or at
 * most two edits away. Undefined when none is that near.
 */
export function nearestWord(text: string, words: readonly string[]): string | undefined {
  let nearest: string | undefined;
  let least = 3;
  for (const word of words) {
    if (Math.abs(word.length - text.length) > 2) continue;
    const distance = editDistance(text.toLowerCase(), word.toLowerCase());
    if (distance < least) {
      least = distance;
      nearest = word;
    }
  }
  return nearest;
}

/** Levenshtein's distance: insertions, deletions and replacements of one character. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
