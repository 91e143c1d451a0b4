import { type FileHandle, open } from "node:fs/promises";
import { type ChainedLine, readChainedLine } from "./chained-line.ts";
import { maxLineBytes } from "./read-lines.ts";

/** How much is read at once to find where a line ends. */
const probeBytes = 8192;

/** Lines of a log, the newest first. */
export interface LogPage {
  readonly lines: readonly ChainedLine[];
  /** Where an older page begins: lines of a lower number than this; undefined where there is none. */
  readonly next: number | undefined;
  /** Whether so much else stands in the file that it was given up before its beginning, and before a line. */
  readonly isCut: boolean;
}

export interface LogPageOptions {
  /** How many lines at most. */
  readonly limit: number;
  /** Lines of a lower number than this alone. @default all */
  readonly before?: number | undefined;
  /** How much is read at once, in bytes. @default 65536 */
  readonly chunkBytes?: number;
  /** How much is looked through for one page, in bytes. @default 8388608 */
  readonly mostBytes?: number;
  /** How long the lines of a page are together, in bytes; one is always taken. @default 1048576 */
  readonly pageBytes?: number;
}

/**
 * Reads a page of a log from its end: as much of the file as the page is long, however long the file is. An older page is
 * found by bisection, as the numbers of lines rise. What is no whole line of the log is passed over: the torn end of a
 * process that was killed, the beginning of a line that is being written, and what other programs wrote. Where another
 * program has put lines of another log between these, a page can leave some out.
 *
 * @throws what the system says, such as `ENOENT`
 */
export async function readPage(file: string, options: LogPageOptions): Promise<LogPage> {
  const handle = await open(file, "r");
  try {
    const { size } = await handle.stat();
    const { before, chunkBytes = 65_536, mostBytes = 8_388_608 } = options;
    const reader = new LineReader(handle, size, chunkBytes, mostBytes);
    const end = before === undefined ? size : await findEnd(reader, size, before);
    return await collect(reader, end, options);
  } finally {
    await handle.close();
  }
}

async function collect(
  reader: LineReader,
  end: number,
  { limit, before = Number.POSITIVE_INFINITY, pageBytes = 1_048_576 }: LogPageOptions,
): Promise<LogPage> {
  const lines: ChainedLine[] = [];
  let length = 0;
  for await (const line of reader.backwards(end)) {
    if (line.seq >= before) continue;
    const isFull = lines.length >= limit || (lines.length > 0 && length + sizeOf(line) > pageBytes);
    if (isFull) return { lines, next: lines.at(-1)?.seq, isCut: false };
    lines.push(line);
    length += sizeOf(line);
  }
  // What was not looked at is found by a further page, if this one has a line to go on from.
  const last = reader.isSpent ? lines.at(-1)?.seq : undefined;
  return { lines, next: last, isCut: reader.isSpent && last === undefined };
}

function sizeOf({ sealed }: ChainedLine): number {
  return sealed.length;
}

/** A place before which all lines of a lower number are: the first line of that number or a higher one, or after it. */
async function findEnd(reader: LineReader, size: number, before: number): Promise<number> {
  let low = 0;
  let high = size;
  // Lines between are few by then, and are passed over.
  while (high - low > reader.chunkBytes && !reader.isSpent) {
    const middle = low + Math.floor((high - low) / 2);
    const found = await reader.firstAfter(middle, high);
    if (found === undefined || found.line.seq >= before) high = middle;
    else low = found.end;
  }
  // The line that begins before `high` ends after it.
  return reader.endOfLine(high);
}

/** Reads whole lines of a file that goes on being written, and counts what it reads. */
class LineReader {
  readonly chunkBytes: number;
  readonly #handle: FileHandle;
  readonly #size: number;
  #left: number;

  constructor(handle: FileHandle, size: number, chunkBytes: number, mostBytes: number) {
    this.#handle = handle;
    this.#size = size;
    this.chunkBytes = chunkBytes;
    this.#left = mostBytes;
  }

  /** Whether as much was read as may be. */
  get isSpent(): boolean {
    return this.#left <= 0;
  }

  /** The lines that end before a place, the last first. */
  async *backwards(end: number): AsyncGenerator<ChainedLine> {
    /** What was read of a line that begins further to the front; undefined where it is too long to be one. */
    let rest: Buffer | undefined = Buffer.alloc(0);
    let isWhole = false; // a line without its break is not there yet
    let at = end;
    while (at > 0 && !this.isSpent) {
      const from = Math.max(0, at - this.chunkBytes);
      const chunk = await this.#read(from, at);
      if (chunk.length < at - from) return; // it was shortened
      at = from;
      let stop = chunk.length;
      for (let index = lastBreak(chunk, stop); index !== -1; index = lastBreak(chunk, stop)) {
        const line = toLine(chunk.subarray(index + 1, stop), rest);
        if (isWhole && line !== undefined) yield line;
        isWhole = true;
        rest = Buffer.alloc(0);
        stop = index;
      }
      rest = join(chunk.subarray(0, stop), rest);
    }
    const first = at === 0 && isWhole ? toLine(Buffer.alloc(0), rest) : undefined;
    if (first !== undefined) yield first;
  }

  /** The first whole line that begins after a place, and before another, and where it ends. */
  async firstAfter(
    from: number,
    until: number,
  ): Promise<{ readonly line: ChainedLine; readonly end: number } | undefined> {
    let begin = await this.endOfLine(from);
    let at = begin;
    let rest: Buffer | undefined = Buffer.alloc(0);
    while (begin < until && at < this.#size && !this.isSpent) {
      const chunk = await this.#read(at, Math.min(this.#size, at + probeBytes));
      if (chunk.length === 0) return undefined; // it was shortened
      let start = 0;
      for (let index = chunk.indexOf(0x0a); index !== -1; index = chunk.indexOf(0x0a, start)) {
        const line = begin < until ? toLine(rest, chunk.subarray(start, index)) : undefined;
        start = index + 1;
        begin = at + start;
        rest = Buffer.alloc(0);
        if (line !== undefined) return { line, end: begin };
      }
      rest = join(rest, chunk.subarray(start));
      at += chunk.length;
    }
    return undefined;
  }

  /** Where the line ends that has the byte before a place; that place itself where a line ends there. */
  async endOfLine(place: number): Promise<number> {
    if (place <= 0) return 0;
    for (let at = place - 1; at < this.#size && !this.isSpent; at += probeBytes) {
      const chunk = await this.#read(at, Math.min(this.#size, at + probeBytes));
      const index = chunk.indexOf(0x0a);
      if (index !== -1) return at + index + 1;
      if (chunk.length === 0) break;
    }
    return this.#size;
  }

  async #read(from: number, to: number): Promise<Buffer> {
    const { buffer, bytesRead } = await this.#handle.read(
      Buffer.alloc(to - from),
      0,
      to - from,
      from,
    );
    this.#left -= Math.max(1, bytesRead);
    return buffer.subarray(0, bytesRead);
  }
}

function lastBreak(chunk: Buffer, before: number): number {
  return before === 0 ? -1 : chunk.lastIndexOf(0x0a, before - 1);
}

/** Undefined where it is longer than any line; no more is kept of it. */
function join(head: Buffer | undefined, rest: Buffer | undefined): Buffer | undefined {
  if (head === undefined || rest === undefined) return undefined;
  if (head.length + rest.length > maxLineBytes) return undefined;
  return rest.length === 0 ? head : Buffer.concat([head, rest]);
}

function toLine(head: Buffer | undefined, rest: Buffer | undefined): ChainedLine | undefined {
  const bytes = join(head, rest);
  return bytes === undefined ? undefined : readChainedLine(bytes);
}
