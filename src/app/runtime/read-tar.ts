import { FlyteError } from "../../shared/errors.ts";

/** A file or folder of an archive. */
export interface TarEntry {
  /** Relative path with slashes, of plain names alone: it stays inside any folder. */
  readonly path: string;
  readonly kind: "file" | "folder";
  readonly bytes: Uint8Array;
  readonly executable: boolean;
}

const block = 512;
const maxEntries = 20_000;

/**
 * Reads an archive in the format `ustar` or `pax`. Whoever made it may be hostile: links, devices and
 * paths that leave the folder are refused, not skipped.
 *
 * @param what the archive is called in errors
 * @throws FlyteError `invalid_input` saying what is wrong with the archive
 */
export function* readTar(
  archive: Uint8Array,
  what = "code bundle",
): Generator<TarEntry, void, undefined> {
  try {
    yield* readEntries(archive);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new FlyteError("invalid_input", `The ${what} is refused: ${error.message}.`);
  }
}

class Refusal extends Error {}

function* readEntries(archive: Uint8Array): Generator<TarEntry, void, undefined> {
  const buffer = Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength);
  let longPath: string | undefined;
  let count = 0;
  for (let at = 0; at + block <= buffer.length; ) {
    const header = buffer.subarray(at, at + block);
    if (header.every((byte) => byte === 0)) return;
    assertChecksum(header);
    const size = readOctal(header, 124, 12);
    const end = at + block + size;
    if (end > buffer.length) throw new Refusal("it is cut off");
    const content = buffer.subarray(at + block, end);
    at += block + Math.ceil(size / block) * block;
    count += 1;
    if (count > maxEntries) throw new Refusal(`it has more than ${maxEntries} entries`);
    const type = String.fromCharCode(header[156] ?? 0);
    if (type === "x") {
      longPath = readPaxPath(content) ?? longPath;
    } else if (type !== "g") {
      const path = longPath ?? readName(header);
      longPath = undefined;
      yield toEntry(path, type, content, (readOctal(header, 100, 8) & 0o100) !== 0);
    }
  }
  throw new Refusal("it is cut off");
}

function toEntry(given: string, type: string, bytes: Uint8Array, executable: boolean): TarEntry {
  const isFolder = type === "5";
  if (!isFolder && type !== "0" && type !== "\0") {
    throw new Refusal(`${JSON.stringify(given)} is neither a file nor a folder`);
  }
  const path = isFolder ? given.replace(/\/$/, "") : given;
  const isPlain = path
    .split("/")
    .every(
      (name) => name !== "" && name !== "." && name !== ".." && !/[\\\0]|^[A-Za-z]:/.test(name),
    );
  if (!isPlain) throw new Refusal(`the path ${JSON.stringify(given)} leaves the folder, or could`);
  return { path, kind: isFolder ? "folder" : "file", bytes, executable };
}

function readName(header: Buffer): string {
  const name = readText(header, 0, 100);
  const prefix = readText(header, 257, 6) === "ustar" ? readText(header, 345, 155) : "";
  return prefix === "" ? name : `${prefix}/${name}`;
}

function readText(header: Buffer, start: number, length: number): string {
  const field = header.subarray(start, start + length);
  const end = field.indexOf(0);
  return field.subarray(0, end === -1 ? length : end).toString();
}

function readOctal(header: Buffer, start: number, length: number): number {
  const text = readText(header, start, length).trim();
  if (/^[0-7]{1,11}$/.test(text)) return Number.parseInt(text, 8);
  throw new Refusal("a header of it holds no number where one has to be");
}

function assertChecksum(header: Buffer): void {
  const sum = header.reduce(
    (total, byte, index) => total + (index >= 148 && index < 156 ? 0x20 : byte),
    0,
  );
  if (readOctal(header, 148, 8) !== sum) throw new Refusal("a checksum is wrong");
}

/** The record `path` of a pax header: `LENGTH path=VALUE`. */
function readPaxPath(content: Buffer): string | undefined {
  let found: string | undefined;
  for (let at = 0; at < content.length; ) {
    const [head = "", digits = ""] =
      /^(\d{1,9}) /.exec(content.toString("latin1", at, at + 10)) ?? [];
    const end = at + Number(digits);
    if (head === "" || end > content.length || end <= at + head.length) {
      throw new Refusal("a record of a long path is broken");
    }
    const record = content.toString("utf8", at + head.length, end - 1);
    if (record.startsWith("path=")) found = record.slice("path=".length);
    at = end;
  }
  return found;
}
