/** Shorter texts stand in messages by chance. */
const shortest = 4;
const shortestLine = 12;

/** The text with every secret value in it, and every longer line of one, as `***`. */
export function maskValues(text: string, values: readonly string[]): string {
  const parts = new Set<string>();
  for (const value of values) {
    for (const whole of [value, value.trim()]) if (whole.length >= shortest) parts.add(whole);
    for (const line of value.split("\n")) {
      const trimmed = line.trim();
      if (trimmed.length >= shortestLine) parts.add(trimmed);
    }
  }
  let masked = text;
  // The longest first, because another may be a part of it.
  for (const part of [...parts].sort((left, right) => right.length - left.length)) {
    if (part.length <= text.length) masked = masked.replaceAll(part, () => "***");
  }
  return masked;
}
