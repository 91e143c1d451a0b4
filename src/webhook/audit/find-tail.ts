import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { FlyteError } from "../../shared/errors.ts";
import { type ChainHead, chainStart, hashOf, readChainedLine } from "./chained-line.ts";

/** What a process that was killed left behind the last line of its log. */
export interface Torn {
  readonly bytes: number;
  /** Of these bytes, without a line break at their end. */
  readonly sha256: string;
}

/** The end of a log, where a new line goes. */
export interface Tail {
  readonly head: ChainHead;
  readonly torn: Torn | undefined;
  /** Whether a line break has to come first. */
  readonly isOpen: boolean;
}

const windowBytes = 1024 * 1024;

/**
 * Finds where the chain of a log goes on.
 *
 * @throws FlyteError `invalid_config` for a file that is no audit log, or whose last line the key does not prove
 */
export async function findTail(
  file: string,
  handle: FileHandle,
  key: string | undefined,
): Promise<Tail> {
  const { size } = await handle.stat();
  const from = Math.max(0, size - windowBytes);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - from), 0, size - from, from);
  const bytes = buffer.subarray(0, bytesRead);
  const isOpen = bytes.length > 0 && bytes.at(-1) !== 0x0a;
  const last = findLastLine(bytes);
  if (last === undefined) {
    const isFirstTorn =
      from === 0 && (size === 0 || bytes.toString("latin1").startsWith('{"time"'));
    if (!isFirstTorn) throw notALog(file);
    return { head: { seq: 0, hash: chainStart }, torn: tornOf(bytes), isOpen };
  }
  const { line, end } = last;
  if (hashOf(line.sealed, key) !== line.hash) throw unproved(file, key);
  return { head: { seq: line.seq, hash: line.hash }, torn: tornOf(bytes.subarray(end)), isOpen };
}

function findLastLine(bytes: Buffer) {
  let end = bytes.length;
  while (end > 0) {
    const start = bytes.lastIndexOf(0x0a, end - 1) + 1;
    const line = readChainedLine(bytes.subarray(start, end));
    if (line !== undefined) return { line, end: Math.min(end + 1, bytes.length) };
    end = start - 1;
  }
  return undefined;
}

function tornOf(bytes: Buffer): Torn | undefined {
  if (bytes.length === 0) return undefined;
  const shown = bytes.at(-1) === 0x0a ? bytes.subarray(0, -1) : bytes;
  return { bytes: shown.length, sha256: createHash("sha256").update(shown).digest("hex") };
}

function notALog(file: string): FlyteError {
  return new FlyteError(
    "invalid_config",
    `The file ${file} of audit.file has other content than an audit log. Name a file that is not there yet, or one that this webhook has written.`,
  );
}

function unproved(file: string, key: string | undefined): FlyteError {
  const why =
    key === undefined
      ? "It was written with a key (audit.key, FLYTE_WEBHOOK_AUDIT_KEY) or changed since"
      : "It was written without a key or with another one, or changed since";
  return new FlyteError(
    "invalid_config",
    `The last line of the audit log ${file} is not proved. ${why}: check it with flyte-webhook audit verify, and move it away for a new log.`,
  );
}
