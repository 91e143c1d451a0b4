import type { Message } from "@bufbuild/protobuf";
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

/** A field that the generated code does not know, as messages keep it. */
type UnknownField = NonNullable<Message["$unknown"]>[number];

/** The text in a field that the generated code does not know; undefined when it is absent. */
export function readUnknownText(message: Message, no: number): string | undefined {
  const field = lastOf(message, no, WireType.LengthDelimited);
  return field === undefined ? undefined : new BinaryReader(field.data).string();
}

/** The whole number in a field that the generated code does not know; 0 when it is absent. */
export function readUnknownNumber(message: Message, no: number): number {
  const field = lastOf(message, no, WireType.Varint);
  return field === undefined ? 0 : new BinaryReader(field.data).int32();
}

/** The bytes in a field that the generated code does not know, such as those of a message; undefined when it is absent. */
export function readUnknownBytes(message: Message, no: number): Uint8Array | undefined {
  const field = lastOf(message, no, WireType.LengthDelimited);
  return field === undefined ? undefined : new BinaryReader(field.data).bytes();
}

/** The message with a text in a field that the generated code does not know. It is changed in place. */
export function writeUnknownText<Shape extends Message>(
  message: Shape,
  no: number,
  text: string,
): Shape {
  const data = new BinaryWriter().string(text).finish();
  return write(message, { no, wireType: WireType.LengthDelimited, data });
}

/** The message with bytes in a field that the generated code does not know. It is changed in place. */
export function writeUnknownBytes<Shape extends Message>(
  message: Shape,
  no: number,
  bytes: Uint8Array,
): Shape {
  const data = new BinaryWriter().bytes(bytes).finish();
  return write(message, { no, wireType: WireType.LengthDelimited, data });
}

/** The message with a whole number in a field that the generated code does not know. It is changed in place. */
export function writeUnknownNumber<Shape extends Message>(
  message: Shape,
  no: number,
  value: number,
): Shape {
  const data = new BinaryWriter().int32(value).finish();
  return write(message, { no, wireType: WireType.Varint, data });
}

/** Of a field that came more than once the last one counts, as protobuf has it. */
function lastOf(message: Message, no: number, wireType: WireType): UnknownField | undefined {
  return message.$unknown?.findLast((field) => field.no === no && field.wireType === wireType);
}

function write<Shape extends Message>(message: Shape, field: UnknownField): Shape {
  const others = (message.$unknown ?? []).filter(({ no }) => no !== field.no);
  message.$unknown = [...others, field];
  return message;
}
