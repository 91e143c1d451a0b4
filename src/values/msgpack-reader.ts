import { FlyteError } from "../shared/errors.ts";
import type { JsonValue } from "../shared/json.ts";
import { fromUtf8, toBase64 } from "./byte-texts.ts";
import { bytesToJson, numberToJson } from "./plain-values.ts";

const maxDepth = 100;

/**
 * Decodes MessagePack straight into JSON values: integers beyond 2^53 as `bigint`, NaN and infinities as
 * strings, bytes as in {@link bytesToJson}, extensions as `{"extension": type, "base64": …}`, keys as text.
 *
 * Nothing is allocated ahead of the bytes that are there, so a false length cannot exhaust memory.
 *
 * @throws {@link FlyteError} `internal` when the bytes are not one complete MessagePack value.
 */
export function readMsgpack(bytes: Uint8Array): JsonValue {
  const reader = new MsgpackReader(bytes);
  const value = reader.read(0);
  reader.finish();
  return value;
}

class MsgpackReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  finish(): void {
    if (this.#at !== this.#bytes.length) throw broken("bytes follow the value");
  }

  read(depth: number): JsonValue {
    if (depth > maxDepth) throw broken(`it is nested more than ${maxDepth} deep`);
    const format = this.#view.getUint8(this.#take(1));
    if (format <= 0x7f) return format;
    if (format <= 0x8f) return this.#map(format & 0x0f, depth);
    if (format <= 0x9f) return this.#array(format & 0x0f, depth);
    if (format <= 0xbf) return this.#string(format & 0x1f);
    if (format >= 0xe0) return format - 0x100;
    return this.#scalar(format) ?? this.#sized(format, depth);
  }

  #scalar(format: number): JsonValue | undefined {
    const view = this.#view;
    switch (format) {
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xca:
        return numberToJson(view.getFloat32(this.#take(4)));
      case 0xcb:
        return numberToJson(view.getFloat64(this.#take(8)));
      case 0xcf:
        return numberToJson(view.getBigUint64(this.#take(8)));
      case 0xd0:
        return view.getInt8(this.#take(1));
      case 0xd1:
        return view.getInt16(this.#take(2));
      case 0xd2:
        return view.getInt32(this.#take(4));
      case 0xd3:
        return numberToJson(view.getBigInt64(this.#take(8)));
      default:
        return format >= 0xcc && format <= 0xce ? this.#unsigned(1 << (format - 0xcc)) : undefined;
    }
  }

  #sized(format: number, depth: number): JsonValue {
    if (format === 0xc0) return null;
    if (format >= 0xc4 && format <= 0xc6) return bytesToJson(this.#slice(this.#size(format, 0xc4)));
    if (format >= 0xc7 && format <= 0xc9) return this.#extension(this.#size(format, 0xc7));
    if (format >= 0xd4 && format <= 0xd8) return this.#extension(1 << (format - 0xd4));
    if (format >= 0xd9 && format <= 0xdb) return this.#string(this.#size(format, 0xd9));
    if (format === 0xdc || format === 0xdd) return this.#array(this.#size(format, 0xdb), depth);
    if (format === 0xde || format === 0xdf) return this.#map(this.#size(format, 0xdd), depth);
    throw broken(`0x${format.toString(16)} is no format`);
  }

  #map(length: number, depth: number): JsonValue {
    const entries: [string, JsonValue][] = [];
    for (let index = 0; index < length; index += 1) {
      const key = this.read(depth + 1);
      if (typeof key === "object" && key !== null) throw broken("a map key is no scalar");
      if (key === "__proto__") throw broken('the key "__proto__" is not allowed');
      entries.push([String(key), this.read(depth + 1)]);
    }
    return Object.fromEntries(entries);
  }

  #array(length: number, depth: number): JsonValue {
    const items: JsonValue[] = [];
    for (let index = 0; index < length; index += 1) items.push(this.read(depth + 1));
    return items;
  }

  #extension(length: number): JsonValue {
    const extension = this.#view.getInt8(this.#take(1));
    return { extension, base64: toBase64(this.#slice(length)) };
  }

  #string(length: number): string {
    return fromUtf8(this.#slice(length));
  }

  #slice(length: number): Uint8Array {
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  /** A length of 1, 2 or 4 bytes, by how far the format stands from the first of its kind. */
  #size(format: number, first: number): number {
    return this.#unsigned(1 << (format - first));
  }

  #unsigned(size: number): number {
    const at = this.#take(size);
    if (size === 1) return this.#view.getUint8(at);
    return size === 2 ? this.#view.getUint16(at) : this.#view.getUint32(at);
  }

  #take(count: number): number {
    const at = this.#at;
    if (at + count > this.#bytes.length) throw broken("it ends too early");
    this.#at += count;
    return at;
  }
}

function broken(why: string): FlyteError {
  return new FlyteError("internal", `the struct is not readable MessagePack: ${why}`);
}
