import { createHash, createHmac } from "node:crypto";

/** What goes before the first line of a chain. */
export const chainStart: string = "0".repeat(64);

/** Where a chain has got to. */
export interface ChainHead {
  /** Of the last line; 0 before the first. */
  readonly seq: number;
  readonly hash: string;
}

/** A line of the log as it stands in the file, without its line break. */
export interface ChainedLine extends ChainHead {
  readonly prev: string;
  /** The bytes that the hash is of: all of the line before its own hash. */
  readonly sealed: Buffer;
  readonly members: Readonly<Record<string, unknown>>;
}

const hashMember = /^,"hash":"([0-9a-f]{64})"\}$/;
const hashMemberLength = `,"hash":"${chainStart}"}`.length;

/**
 * SHA-256 of the bytes, or with a key their HMAC-SHA-256.
 *
 * @returns 64 hexadecimal digits
 */
export function hashOf(sealed: Uint8Array | string, key: string | undefined): string {
  const hash = key === undefined ? createHash("sha256") : createHmac("sha256", chainKey(key));
  return hash.update(sealed).digest("hex");
}

/** What a key is used for says itself, so that a hash made for one use proves nothing in another. */
function chainKey(key: string): string {
  return `flyte-webhook audit chain\n${key}`;
}

/**
 * The line that goes after `head`: the members, then `seq`, `prev` and `hash`. All characters beyond visible
 * ASCII are escaped, so that a line is one line to every reader, and nothing in it can steer a terminal.
 */
export function chainLine(
  members: Readonly<Record<string, unknown>>,
  head: ChainHead,
  key: string | undefined,
): { readonly line: string; readonly head: ChainHead } {
  const seq = head.seq + 1;
  const whole = toAscii(JSON.stringify({ ...members, seq, prev: head.hash }));
  const sealed = whole.slice(0, -1);
  const hash = hashOf(sealed, key);
  return { line: `${sealed},"hash":"${hash}"}\n`, head: { seq, hash } };
}

function toAscii(json: string): string {
  return json.replaceAll(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Reads a line; undefined when it has not the form of one, whatever its hash is worth. */
export function readChainedLine(bytes: Buffer): ChainedLine | undefined {
  const end = bytes.length - hashMemberLength;
  const [, hash] = hashMember.exec(bytes.toString("latin1", Math.max(0, end))) ?? [];
  if (end < 1 || hash === undefined) return undefined;
  const members = parseObject(`${bytes.toString("latin1", 0, end)}}`);
  if (members === undefined) return undefined;
  const { seq, prev } = members;
  if (typeof seq !== "number" || !Number.isSafeInteger(seq) || seq < 1) return undefined;
  if (typeof prev !== "string" || !/^[0-9a-f]{64}$/.test(prev)) return undefined;
  return { seq, prev, hash, sealed: bytes.subarray(0, end), members };
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>) // an object that JSON has made
      : undefined;
  } catch {
    return undefined;
  }
}
