import type { LogLine } from "./log-line.ts";

export interface LogBufferOptions {
  /** @default 200000 */
  readonly maxLines?: number;
  /** In UTF-16 units of all messages. @default 32 Mi */
  readonly maxSize?: number;
}

/**
 * The last lines of a log, each with the number it has in the whole log. Holds at most as many lines and
 * characters as its options say, so that memory is bounded by about 100 MB however long a log is.
 */
export class LogBuffer {
  readonly #maxLines: number;
  readonly #maxSize: number;
  #lines: LogLine[] = [];
  #first = 0;
  #next = 0;
  #size = 0;
  #changes = 0;

  constructor({ maxLines = 200_000, maxSize = 32 * 1024 * 1024 }: LogBufferOptions = {}) {
    this.#maxLines = maxLines;
    this.#maxSize = maxSize;
  }

  /** Number of the oldest line that is kept: how many are not. */
  get first(): number {
    return this.#first;
  }

  /** Number after the last line. */
  get end(): number {
    return this.#first + this.#lines.length;
  }

  /** Counts how often lines that were there became others. */
  get changes(): number {
    return this.#changes;
  }

  at(number: number): LogLine | undefined {
    return this.#lines[number - this.#first];
  }

  /** The log is read from its beginning again: lines take the places of those they are, and nothing flickers. */
  restart(): void {
    this.#next = 0;
  }

  /** Forgets everything. */
  clear(): void {
    this.#lines = [];
    this.#first = 0;
    this.#next = 0;
    this.#size = 0;
    this.#changes += 1;
  }

  append(lines: readonly LogLine[]): void {
    for (const line of lines) this.#put(line);
    if (this.#lines.length > this.#maxLines || this.#size > this.#maxSize) this.#drop();
  }

  /** What was read again has come to its end for now: what stood behind it is no more. */
  settle(): void {
    if (this.#next >= this.end) return;
    for (const { message } of this.#lines.splice(Math.max(0, this.#next - this.#first))) {
      this.#size -= message.length;
    }
    this.#first = Math.min(this.#first, this.#next);
    this.#changes += 1;
  }

  #put(line: LogLine): void {
    const number = this.#next;
    this.#next += 1;
    if (number < this.#first) return;
    const before = this.at(number);
    this.#size += line.message.length - (before?.message.length ?? 0);
    if (before !== undefined && !isSame(before, line)) this.#changes += 1;
    this.#lines[number - this.#first] = line;
  }

  /** More than needed, so that it happens seldom. */
  #drop(): void {
    let count = Math.max(0, this.#lines.length - Math.floor(this.#maxLines * 0.9));
    let size = this.#size;
    for (let at = 0; at < this.#lines.length - 1; at += 1) {
      if (at >= count && size <= this.#maxSize * 0.9) break;
      size -= this.#lines[at]?.message.length ?? 0;
      count = Math.max(count, at + 1);
    }
    this.#lines.splice(0, count);
    this.#first += count;
    this.#size = size;
  }
}

function isSame(one: LogLine, other: LogLine): boolean {
  return (
    one.message === other.message &&
    one.source === other.source &&
    one.time?.getTime() === other.time?.getTime()
  );
}
