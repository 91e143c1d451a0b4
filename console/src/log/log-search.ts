import { toPlainText } from "./ansi.ts";
import { toPattern } from "./find-matches.ts";
import type { LogBuffer } from "./log-buffer.ts";

/** Searches a log that grows, in turns, so that the page stays usable meanwhile. */
export class LogSearch {
  readonly #buffer: LogBuffer;
  readonly pattern: RegExp | undefined;
  #found: number[] = [];
  #at = 0;
  #changes: number;

  constructor(buffer: LogBuffer, query: string) {
    this.#buffer = buffer;
    this.pattern = toPattern(query);
    this.#changes = buffer.changes;
  }

  /** Numbers of the lines that hold what is searched for, in order. */
  get found(): readonly number[] {
    return this.#found;
  }

  /**
   * Looks through some lines more.
   *
   * @returns whether all have been looked through
   */
  scan(most: number): boolean {
    const { pattern } = this;
    const { first, end, changes } = this.#buffer;
    if (pattern === undefined) return true;
    if (changes !== this.#changes) {
      this.#changes = changes;
      this.#found = [];
      this.#at = first;
    }
    const gone = this.#found.findIndex((number) => number >= first);
    if (gone !== 0) this.#found.splice(0, gone < 0 ? this.#found.length : gone);
    this.#at = Math.max(this.#at, first);
    const until = Math.min(end, this.#at + most);
    for (; this.#at < until; this.#at += 1) {
      pattern.lastIndex = 0;
      if (pattern.test(toPlainText(this.#buffer.at(this.#at)?.message ?? ""))) {
        this.#found.push(this.#at);
      }
    }
    return this.#at >= end;
  }
}
