/** All that cannot be seen or steers the direction of text, but tab, line feed and the joiners of emoji. */
const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
const kept = /[\t\n\u200d]/;
const lineEnd = /\r\n/g;

/**
 * Text of others as it may be shown: what could hide, reorder or fake other text stands as `U+202E` in
 * brackets. Line ends and tabs stay.
 */
export function toVisible(text: string): string {
  return text.replaceAll(lineEnd, "\n").replaceAll(hidden, (found) => {
    if (kept.test(found)) return found;
    const code = found.codePointAt(0) ?? 0;
    return `[U+${code.toString(16).toUpperCase().padStart(4, "0")}]`;
  });
}
