/** A file for an archive. */
export interface TarFile {
  /** Relative path with slashes. */
  readonly path: string;
  readonly bytes: Uint8Array;
  /** @default false */
  readonly executable?: boolean | undefined;
}

const block = 512;

/**
 * An archive in the format `ustar`, with records of `pax` for paths that do not fit. Owners and times
 * are left out, so the same files in the same order have the same bytes.
 */
export function packTar(files: readonly TarFile[]): Uint8Array {
  const parts: Uint8Array[] = [];
  const add = (header: Uint8Array, bytes: Uint8Array): void => {
    parts.push(header, bytes, new Uint8Array((block - (bytes.length % block)) % block));
  };
  for (const { path, bytes, executable = false } of files) {
    const name = Buffer.from(path);
    if (name.length > 100) {
      const record = toPaxRecord("path", path);
      add(
        toHeader(Buffer.from("PaxHeader"), { size: record.length, mode: 0o644, type: "x" }),
        record,
      );
    }
    const mode = executable ? 0o755 : 0o644;
    add(toHeader(name.subarray(0, 100), { size: bytes.length, mode, type: "0" }), bytes);
  }
  parts.push(new Uint8Array(2 * block));
  return Buffer.concat(parts);
}

interface HeaderFields {
  readonly size: number;
  readonly mode: number;
  readonly type: "0" | "x";
}

function toHeader(name: Uint8Array, { size, mode, type }: HeaderFields): Uint8Array {
  const header = Buffer.alloc(block);
  header.set(name);
  header.write(`${toOctal(mode, 7)}\0${toOctal(0, 7)}\0${toOctal(0, 7)}\0`, 100, "latin1");
  header.write(`${toOctal(size, 11)}\0${toOctal(0, 11)}\0        ${type}`, 124, "latin1");
  header.write("ustar\u000000", 257, "latin1");
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${toOctal(sum, 6)}\0 `, 148, "latin1");
  return header;
}

function toOctal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}

/** `LENGTH KEY=VALUE`, where the length counts itself. */
function toPaxRecord(key: string, value: string): Uint8Array {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + 1;
  while (String(length).length + rest !== length) length = String(length).length + rest;
  return Buffer.from(`${length} ${key}=${value}\n`);
}
