const SHORTEST_LINE = 8;

/** Replaces secret values in a text by `***`; of values of several lines also each longer line. */
export function mask(text: string, values: readonly string[]): string {
  const hidden = new Set<string>();
  for (const value of values) {
    if (value !== "") hidden.add(value);
    for (const line of value.split(/\r?\n/)) {
      if (line.length >= SHORTEST_LINE) hidden.add(line);
    }
  }
  // The longest first: another value may be a part of it.
  return [...hidden]
    .toSorted((a, b) => b.length - a.length)
    .reduce((masked, value) => masked.replaceAll(value, () => "***"), text);
}
