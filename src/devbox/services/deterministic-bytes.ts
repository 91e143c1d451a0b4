import { type DescMessage, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";

/**
 * The bytes that Go's deterministic marshalling gives: fields by number, map entries by the bytes
 * of their string keys. Hashes made of them equal a real control plane's.
 */
export function toDeterministicBytes<Desc extends DescMessage>(
  schema: Desc,
  message: MessageShape<Desc>,
): Uint8Array {
  const bytes = toBinary(schema, message);
  sortMaps(schema, new BinaryReader(bytes), bytes, bytes.length);
  return bytes;
}

/** An encoded map entry: its whole field, and its key. */
interface Entry {
  readonly start: number;
  readonly end: number;
  readonly key: Uint8Array;
}

const noKey = new Uint8Array();

/**
 * Sorts the entries of every map field between the reader's position and `end`. In place: another
 * order of the entries changes no length. A list of numbers is a message for each, so nothing is
 * made for a message.
 */
function sortMaps(schema: DescMessage, reader: BinaryReader, bytes: Uint8Array, end: number): void {
  let entries: Entry[] | undefined;
  let mapNumber: number | undefined;
  while (reader.pos < end) {
    const start = reader.pos;
    const [number, wireType] = reader.tag();
    if (number !== mapNumber) {
      if (entries !== undefined) reorder(bytes, entries);
      [mapNumber, entries] = [undefined, undefined];
    }
    const field = findField(schema, number);
    if (wireType !== WireType.LengthDelimited || field === undefined) {
      reader.skip(wireType, number);
    } else if (field.fieldKind === "map") {
      const value = field.mapKind === "message" ? field.message : undefined;
      const key = sortEntry(value, reader, bytes);
      mapNumber = number;
      entries ??= [];
      entries.push({ start, end: reader.pos, key });
    } else if (field.message !== undefined) {
      const length = reader.uint32();
      sortMaps(field.message, reader, bytes, reader.pos + length);
    } else {
      reader.skip(wireType, number);
    }
  }
  if (entries !== undefined) reorder(bytes, entries);
}

/** An entry is a message of the key, number 1, and the value, number 2. Answers the key. */
function sortEntry(
  value: DescMessage | undefined,
  reader: BinaryReader,
  bytes: Uint8Array,
): Uint8Array {
  const length = reader.uint32();
  const end = reader.pos + length;
  let key: Uint8Array = noKey;
  while (reader.pos < end) {
    const [number, wireType] = reader.tag();
    if (number === 1 && wireType === WireType.LengthDelimited) {
      key = reader.bytes();
    } else if (number === 2 && value !== undefined) {
      const valueLength = reader.uint32();
      sortMaps(value, reader, bytes, reader.pos + valueLength);
    } else {
      reader.skip(wireType, number);
    }
  }
  return key;
}

function reorder(bytes: Uint8Array, entries: readonly Entry[]): void {
  const sorted = entries.toSorted((left, right) => Buffer.compare(left.key, right.key));
  let position = entries[0]?.start ?? 0;
  // Copies first: writing one entry overwrites another.
  for (const entry of sorted.map(({ start, end }) => bytes.slice(start, end))) {
    bytes.set(entry, position);
    position += entry.length;
  }
}

function findField(schema: DescMessage, number: number): DescMessage["fields"][number] | undefined {
  for (const field of schema.fields) if (field.number === number) return field;
  return undefined;
}
