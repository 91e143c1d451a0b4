import type { JsonValue } from "../shared/json.ts";

/** A number to be written as a 64-bit float even when it is integral, because its schema says so. */
export class Float64 {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** What {@link writeMsgpack} takes: JSON values, forced floats, and maps whose keys keep their order. */
export type Packable = JsonValue | Float64 | readonly Packable[] | ReadonlyMap<string, Packable>;

const encoder = new TextEncoder();
const uint64 = 2n ** 64n;

/**
 * Encodes a value as MessagePack. Integral numbers up to 2^53 and `bigint` take the smallest integer
 * format, all other numbers float64.
 *
 * @throws RangeError for a `bigint` that does not fit 64 bits, or nesting beyond the stack; callers
 * check both before.
 */
export function writeMsgpack(value: Packable): Uint8Array {
  const writer = new MsgpackWriter();
  writer.write(value);
  return writer.finish();
}

class MsgpackWriter {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  write(value: Packable): void {
    if (value === null) this.#byte(0xc0);
    else if (typeof value === "boolean") this.#byte(value ? 0xc3 : 0xc2);
    else if (typeof value === "string") this.#string(value);
    else if (typeof value === "number") this.#number(value);
    else if (typeof value === "bigint") this.#integer(value);
    else if (value instanceof Float64) this.#float(value.value);
    else if (value instanceof Map) this.#map([...value]);
    else if (Array.isArray(value)) this.#array(value);
    else this.#map(Object.entries(value));
  }

  #array(items: readonly Packable[]): void {
    this.#header(items.length, [0x90, 15], undefined, 0xdc, 0xdd);
    for (const item of items) this.write(item);
  }

  #map(entries: readonly (readonly [string, Packable])[]): void {
    this.#header(entries.length, [0x80, 15], undefined, 0xde, 0xdf);
    for (const [key, item] of entries) {
      this.#string(key);
      this.write(item);
    }
  }

  #string(text: string): void {
    const bytes = encoder.encode(text);
    this.#header(bytes.length, [0xa0, 31], 0xd9, 0xda, 0xdb);
    const at = this.#grow(bytes.length);
    this.#bytes.set(bytes, at);
  }

  #number(value: number): void {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) this.#integer(value);
    else this.#float(value);
  }

  #float(value: number): void {
    this.#byte(0xcb);
    const at = this.#grow(8);
    this.#view.setFloat64(at, value);
  }

  #integer(value: number | bigint): void {
    if (value >= 0 ? value <= 0x7f : value >= -0x20) this.#byte(Number(value) & 0xff);
    else if (value >= 0) this.#positive(value);
    else this.#negative(value);
  }

  #positive(value: number | bigint): void {
    if (value <= 0xff) this.#sized(0xcc, 1, Number(value));
    else if (value <= 0xffff) this.#sized(0xcd, 2, Number(value));
    else if (value <= 0xffffffff) this.#sized(0xce, 4, Number(value));
    else this.#wide(0xcf, BigInt(value), value < uint64);
  }

  #negative(value: number | bigint): void {
    if (value >= -0x80) this.#sized(0xd0, 1, Number(value));
    else if (value >= -0x8000) this.#sized(0xd1, 2, Number(value));
    else if (value >= -0x80000000) this.#sized(0xd2, 4, Number(value));
    else this.#wide(0xd3, BigInt(value), value >= -(uint64 / 2n));
  }

  #wide(format: number, value: bigint, fits: boolean): void {
    if (!fits) throw new RangeError("the integer does not fit 64 bits");
    this.#byte(format);
    const at = this.#grow(8);
    this.#view.setBigUint64(at, BigInt.asUintN(64, value));
  }

  #header(
    length: number,
    [fixed, most]: readonly [number, number],
    one: number | undefined,
    two: number,
    four: number,
  ): void {
    if (length <= most) this.#byte(fixed + length);
    else if (one !== undefined && length <= 0xff) this.#sized(one, 1, length);
    else if (length <= 0xffff) this.#sized(two, 2, length);
    else this.#sized(four, 4, length);
  }

  #sized(format: number, size: 1 | 2 | 4, value: number): void {
    this.#byte(format);
    const at = this.#grow(size);
    if (size === 1) this.#view.setUint8(at, value & 0xff);
    else if (size === 2) this.#view.setUint16(at, value & 0xffff);
    else this.#view.setUint32(at, value >>> 0);
  }

  #byte(byte: number): void {
    const at = this.#grow(1);
    this.#bytes[at] = byte;
  }

  #grow(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const bytes = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
      bytes.set(this.#bytes);
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer);
    }
    return at;
  }
}
