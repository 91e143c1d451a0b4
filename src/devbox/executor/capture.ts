import type { AttemptLine } from "./executor.ts";

export interface CaptureOptions {
  /** A longer line is cut into several, never inside a character. @default 65536 */
  readonly maxLineBytes?: number;
  /** After that much output the rest is dropped, with one line that says so. @default 16 MiB */
  readonly maxBytes?: number;
  readonly now?: () => Date;
  /** Gets the complete lines of each chunk, in order. */
  readonly onLines: (lines: readonly AttemptLine[]) => void;
}

export interface Capture {
  push(stream: AttemptLine["stream"], chunk: Uint8Array): void;
  /** Hands over what follows the last line break. */
  end(): void;
  /** The last lines of stderr, for an error message. */
  stderrTail(): string;
}

type Stream = AttemptLine["stream"];

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const TAIL_LINES = 10;
const TAIL_CHARACTERS = 2000;

/** Turns the bytes of two output streams into lines with the time of their arrival. */
export function createCapture(options: CaptureOptions): Capture {
  const maxLineBytes = Math.max(8, options.maxLineBytes ?? 65_536);
  const maxBytes = options.maxBytes ?? 16 * 1024 * 1024;
  const now = options.now ?? (() => new Date());
  const rest: Record<Stream, Buffer[]> = { stdout: [], stderr: [] };
  const tail: string[] = [];
  let seenBytes = 0;
  let truncated = false;

  function accept(chunk: Uint8Array): Buffer {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const left = Math.max(0, maxBytes - seenBytes);
    seenBytes += bytes.length;
    return bytes.length > left ? bytes.subarray(0, characterEnd(bytes, left)) : bytes;
  }

  function emit(stream: Stream, texts: readonly string[], lines: AttemptLine[]): void {
    const time = now();
    for (const message of texts) lines.push({ time, stream, message });
    if (stream === "stderr") {
      tail.push(...texts.slice(-TAIL_LINES));
      tail.splice(0, tail.length - TAIL_LINES);
    }
  }

  function flush(stream: Stream, lines: AttemptLine[]): void {
    const left = Buffer.concat(rest[stream]);
    rest[stream] = [];
    if (left.length > 0) emit(stream, split(left, maxLineBytes), lines);
  }

  return {
    push(stream, chunk) {
      if (truncated) return;
      const bytes = accept(chunk);
      const lines: AttemptLine[] = [];
      const end = bytes.lastIndexOf(NEWLINE);
      if (end >= 0) {
        const whole = Buffer.concat([...rest[stream], bytes.subarray(0, end)]);
        emit(stream, split(whole, maxLineBytes), lines);
        rest[stream] = [];
      }
      if (end + 1 < bytes.length) rest[stream].push(Buffer.from(bytes.subarray(end + 1)));
      if (sizeOf(rest[stream]) > maxLineBytes) {
        const long = Buffer.concat(rest[stream]);
        const { texts, left } = cut(long, maxLineBytes);
        emit(stream, texts, lines);
        rest[stream] = [left];
      }
      if (seenBytes > maxBytes) {
        truncated = true;
        flush("stdout", lines);
        flush("stderr", lines);
        const message = `[output beyond ${maxBytes} bytes dropped]`;
        lines.push({ time: now(), stream, message });
      }
      if (lines.length > 0) options.onLines(lines);
    },
    end() {
      const lines: AttemptLine[] = [];
      flush("stdout", lines);
      flush("stderr", lines);
      if (lines.length > 0) options.onLines(lines);
    },
    stderrTail: () => tail.join("\n").slice(-TAIL_CHARACTERS),
  };
}

function sizeOf(chunks: readonly Buffer[]): number {
  return chunks.reduce((size, chunk) => size + chunk.length, 0);
}

/** Splits at line breaks and cuts what is longer than allowed. */
function split(bytes: Buffer, maxLineBytes: number): string[] {
  const texts: string[] = [];
  let start = 0;
  while (start <= bytes.length) {
    const found = bytes.indexOf(NEWLINE, start);
    const end = found < 0 ? bytes.length : found;
    const line = withoutReturn(bytes.subarray(start, end));
    const pieces = cut(line, maxLineBytes);
    texts.push(...pieces.texts, pieces.left.toString("utf8"));
    start = end + 1;
  }
  return texts;
}

/** Cuts pieces off the front of a line until what is left is short enough. */
function cut(line: Buffer, maxLineBytes: number): { texts: string[]; left: Buffer } {
  const texts: string[] = [];
  let left = line;
  while (left.length > maxLineBytes) {
    const end = characterEnd(left, maxLineBytes);
    texts.push(left.toString("utf8", 0, end));
    left = left.subarray(end);
  }
  return { texts, left };
}

function withoutReturn(line: Buffer): Buffer {
  return line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line;
}

/** The last position at or before `at` that is not inside a UTF-8 sequence. */
function characterEnd(bytes: Buffer, at: number): number {
  let end = Math.min(at, bytes.length);
  for (let back = 0; back < 3 && end > 0; back++) {
    const next = bytes[end];
    if (next === undefined || (next & 0xc0) !== 0x80) return end;
    end--;
  }
  // Four continuation bytes in a row are no UTF-8: cut where asked.
  const next = bytes[end];
  return next === undefined || (next & 0xc0) !== 0x80 ? end : Math.min(at, bytes.length);
}
