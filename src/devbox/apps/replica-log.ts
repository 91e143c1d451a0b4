import { closeSync, openSync, readdirSync, readSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { AttemptLine } from "../executor/executor.ts";
import { type LogWriter, openLog, parseLogLine } from "../executor/log-file.ts";

/** Where a reader stands. Reading begins at {@link logStart}. */
export interface LogPosition {
  /** Number of the file. */
  readonly file: number;
  readonly offset: number;
}

export const logStart: LogPosition = { file: 0, offset: 0 };

const CHUNK_BYTES = 64 * 1024;
const KEPT_FILES = 2;

/**
 * The output of one replica, in files `0.log`, `1.log` and so on. When one has grown to its limit the
 * next is begun and all but the last two are removed, so that a replica that writes without end
 * keeps its newest output and fills no disk.
 */
export class ReplicaLog {
  readonly name: string;
  readonly #folder: string;
  readonly #maxFileBytes: number;
  /** Numbers of the first and of the last file there are. */
  #first = 0;
  #last = 0;
  #writer: LogWriter | undefined;
  #bytes = 0;

  /** @param folder its own; what an earlier life left in it is read, and written after */
  constructor(name: string, folder: string, maxFileBytes: number) {
    this.name = name;
    this.#folder = folder;
    this.#maxFileBytes = maxFileBytes;
    const numbers = numbersIn(folder);
    this.#first = Math.min(...numbers, Number.MAX_SAFE_INTEGER);
    this.#last = Math.max(...numbers, 0);
    if (numbers.length === 0) this.#first = 0;
  }

  /** Whether it is closed to writing. */
  get isOver(): boolean {
    return this.#writer === undefined;
  }

  open(): void {
    this.#writer ??= openLog(this.#path(this.#last));
  }

  append(lines: readonly AttemptLine[]): void {
    if (lines.length === 0) return;
    this.#bytes += this.#writer?.append(lines) ?? 0;
    if (this.#bytes < this.#maxFileBytes) return;
    this.#writer?.close();
    this.#bytes = 0;
    this.#last++;
    this.#writer = openLog(this.#path(this.#last));
    while (this.#last - this.#first >= KEPT_FILES) {
      rmSync(this.#path(this.#first), { force: true });
      this.#first++;
    }
  }

  close(): void {
    this.#writer?.close();
    this.#writer = undefined;
  }

  /** Removes the files. */
  remove(): void {
    this.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Lines from a position on, as many as are read at a time; none at the end. */
  read(position: LogPosition): { readonly lines: AttemptLine[]; readonly position: LogPosition } {
    if (position.file < this.#first) {
      const next = this.read({ file: this.#first, offset: 0 });
      const time = next.lines[0]?.time ?? new Date();
      const notice = { time, stream: "stderr", message: "[earlier output dropped]" } as const;
      return { ...next, lines: [notice, ...next.lines] };
    }
    const { text, bytes } = readWholeLines(this.#path(position.file), position.offset);
    if (bytes === 0 && position.file < this.#last) {
      return this.read({ file: position.file + 1, offset: 0 });
    }
    const lines = text.split("\n").flatMap((line) => parseLogLine(line) ?? []);
    return { lines, position: { file: position.file, offset: position.offset + bytes } };
  }

  #path(number: number): string {
    return join(this.#folder, `${number}.log`);
  }
}

function numbersIn(folder: string): number[] {
  try {
    return readdirSync(folder).flatMap((name) => {
      const number = /^(\d+)\.log$/.exec(name)?.[1];
      return number === undefined ? [] : [Number(number)];
    });
  } catch {
    return [];
  }
}

/** Some lines from an offset on, up to the last line break read; at least one where there is one. */
function readWholeLines(path: string, offset: number): { text: string; bytes: number } {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch {
    // It appears with its first line.
    return { text: "", bytes: 0 };
  }
  try {
    for (let size = CHUNK_BYTES; ; size *= 4) {
      const chunk = Buffer.alloc(size);
      const read = readSync(file, chunk, 0, size, offset);
      const end = chunk.subarray(0, read).lastIndexOf(0x0a) + 1;
      if (end > 0 || read < size) return { text: chunk.toString("utf8", 0, end), bytes: end };
    }
  } finally {
    closeSync(file);
  }
}

/** When a log in a folder was begun, to order those that an earlier life left. */
export function logBegunAt(folder: string): number {
  const [first] = numbersIn(folder).toSorted((a, b) => a - b);
  return first === undefined ? 0 : statSync(join(folder, `${first}.log`)).birthtimeMs;
}
