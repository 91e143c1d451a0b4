import { type DescMessage, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

/**
 * The bytes that Go's deterministic marshalling gives: fields by number, map entries by the bytes
 * of their string keys. Hashes made of them equal a real control plane's.
 */
export function toDeterministicBytes<Desc extends DescMessage>(
  schema: Desc,
  message: MessageShape<Desc>,
): Uint8Array {
  return sortMaps(schema, toBinary(schema, message));
}

interface Entry {
  readonly key: Uint8Array;
  readonly bytes: Uint8Array;
}

/** Copies encoded fields in their order, with the entries of each map field sorted. */
function sortMaps(schema: DescMessage, bytes: Uint8Array): Uint8Array {
  const reader = new BinaryReader(bytes);
  const writer = new BinaryWriter();
  let mapNumber: number | undefined;
  let entries: Entry[] = [];
  const flush = (): void => {
    entries.sort((left, right) => Buffer.compare(left.key, right.key));
    for (const entry of entries) {
      writer.tag(mapNumber ?? 0, WireType.LengthDelimited).bytes(entry.bytes);
    }
    entries = [];
  };
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    if (number !== mapNumber) flush();
    mapNumber = number;
    const field = schema.fields.find((candidate) => candidate.number === number);
    if (field?.fieldKind === "map") {
      const value = field.mapKind === "message" ? field.message : undefined;
      entries.push(sortEntry(value, reader.bytes()));
    } else if (field?.message !== undefined && wireType === WireType.LengthDelimited) {
      writer.tag(number, wireType).bytes(sortMaps(field.message, reader.bytes()));
    } else {
      writer.tag(number, wireType).raw(reader.skip(wireType, number));
    }
  }
  flush();
  return writer.finish();
}

/** An entry is a message of the key, number 1, and the value, number 2. */
function sortEntry(value: DescMessage | undefined, bytes: Uint8Array): Entry {
  const reader = new BinaryReader(bytes);
  const writer = new BinaryWriter();
  let key: Uint8Array = new Uint8Array();
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    if (number === 1 && wireType === WireType.LengthDelimited) {
      key = reader.bytes();
      writer.tag(number, wireType).bytes(key);
    } else if (number === 2 && value !== undefined) {
      writer.tag(number, wireType).bytes(sortMaps(value, reader.bytes()));
    } else {
      writer.tag(number, wireType).raw(reader.skip(wireType, number));
    }
  }
  return { key, bytes: writer.finish() };
}
