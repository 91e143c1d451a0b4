import { type JsonValue, stringifyJson } from "../shared/json.ts";
import { toOneLine } from "../shared/one-line.ts";
import { toPrintable } from "./printable.ts";

/** Writes to standard output. Quietly ends the program when the reader has gone (`| head`). */
export function print(text: string): void {
  process.stdout.write(`${toPrintable(text)}\n`);
}

/** Writes to standard error: progress, notes, errors. */
export function note(text: string): void {
  process.stderr.write(`${toPrintable(text)}\n`);
}

export function printJson(value: JsonValue): void {
  print(stringifyJson(value, 2));
}

/** Rows under headings, columns aligned, two spaces apart. Each row is one line. */
export function table(headings: readonly string[], cells: readonly (readonly string[])[]): string {
  const rows = cells.map((row) => row.map(toOneLine));
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  return [line(headings.map((heading) => heading.toUpperCase())), ...rows.map(line)].join("\n");
}

/** Label and value pairs, values aligned line by line. Pairs without a value are left out. */
export function fields(
  pairs: readonly (readonly [label: string, value: string | undefined])[],
): string {
  const shown = pairs.filter(([, value]) => value !== undefined && value !== "");
  const width = Math.max(...shown.map(([label]) => label.length));
  const indent = `\n${" ".repeat(width + 2)}`;
  return shown
    .map(([label, value = ""]) => `${label.padEnd(width)}  ${value.replaceAll("\n", indent)}`)
    .join("\n");
}

/** A moment as people read it: `2026-11-21 09:30:05`, UTC. */
export function printTime(time: Date | undefined): string {
  return time === undefined ? "-" : time.toISOString().slice(0, 19).replace("T", " ");
}

/**
 * One line on standard error that tells how far a wait has come. On a terminal it is rewritten in
 * place; elsewhere each change is a line of its own.
 */
export class Progress implements Disposable {
  #shown = "";
  readonly #live: boolean = process.stderr.isTTY === true;

  update(given: string): void {
    const text = toPrintable(given);
    if (text === this.#shown) return;
    this.#shown = text;
    process.stderr.write(this.#live ? `\r\u001b[K${text}` : `${text}\n`);
  }

  [Symbol.dispose](): void {
    if (this.#live && this.#shown !== "") process.stderr.write("\r\u001b[K");
  }
}
