import type { JsonValue } from "./json.ts";

/**
 * Prints what `JSON.stringify` cannot: values that hold `bigint`. Everything else comes out the same.
 *
 * @internal
 */
export function writeJson(value: JsonValue, indent: number): string {
  const step = " ".repeat(Math.min(10, Math.max(0, Math.trunc(indent))));
  const parts: string[] = [];
  write(parts, value, step, "\n");
  return parts.join("");
}

function write(parts: string[], value: JsonValue, step: string, line: string): void {
  if (typeof value === "bigint") parts.push(value.toString());
  else if (typeof value !== "object" || value === null) parts.push(JSON.stringify(value));
  else if (Array.isArray(value)) {
    const items: readonly JsonValue[] = value;
    const inner = line + step;
    writeList(parts, items.length, ["[", "]"], step, line, (index) => {
      write(parts, items[index] ?? null, step, inner);
    });
  } else {
    // undefined is no JSON value; like JSON.stringify, leave such members out.
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    const inner = line + step;
    writeList(parts, entries.length, ["{", "}"], step, line, (index) => {
      const [key, item] = entries[index] ?? ["", null];
      parts.push(JSON.stringify(key), step === "" ? ":" : ": ");
      write(parts, item, step, inner);
    });
  }
}

function writeList(
  parts: string[],
  length: number,
  brackets: readonly [string, string],
  step: string,
  line: string,
  writeItem: (index: number) => void,
): void {
  const [open, close] = brackets;
  parts.push(open);
  for (let index = 0; index < length; index += 1) {
    if (index > 0) parts.push(",");
    if (step !== "") parts.push(line, step);
    writeItem(index);
  }
  if (length > 0 && step !== "") parts.push(line);
  parts.push(close);
}
