import { createReadStream } from "node:fs";
import { FlyteError } from "../../shared/errors.ts";

/** Far longer than any line of the log; what is longer is no line of it, and not kept in memory. */
export const maxLineBytes: number = 256 * 1024;

/** A line of a file, without its line break. */
export interface FileLine {
  /** From 1. */
  readonly number: number;
  readonly bytes: Buffer;
  /** Whether a line break follows; only the last line can lack it. */
  readonly isWhole: boolean;
  /** Whether it is longer than any line of the log; `bytes` are its first ones then. */
  readonly isCut: boolean;
}

/**
 * The lines of a file, one after another, in memory that does not grow with it.
 *
 * @throws FlyteError `invalid_config` when the file cannot be read
 */
export async function* readLines(file: string): AsyncGenerator<FileLine> {
  let number = 0;
  let parts: Buffer[] = [];
  let length = 0;
  const add = (part: Buffer): void => {
    if (length < maxLineBytes) parts.push(part.subarray(0, maxLineBytes - length));
    length += part.length;
  };
  const take = (isWhole: boolean): FileLine => {
    number += 1;
    const [first] = parts;
    const bytes = parts.length === 1 && first !== undefined ? first : Buffer.concat(parts);
    const line = { number, bytes, isWhole, isCut: length > maxLineBytes };
    parts = [];
    length = 0;
    return line;
  };
  for await (const chunk of readChunks(file)) {
    let from = 0;
    for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, from)) {
      add(chunk.subarray(from, end));
      yield take(true);
      from = end + 1;
    }
    if (from < chunk.length) add(chunk.subarray(from));
  }
  if (length > 0) yield take(false);
}

async function* readChunks(file: string): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(file, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>;
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? "unknown error";
    throw new FlyteError(
      "invalid_config",
      `The audit log ${file} cannot be read (${reason}). Name a file that is there and may be read.`,
      { cause },
    );
  }
}
