import { type Binary, type LiteralType, type Primitive, SimpleType } from "../idl/literals.ts";
import { FlyteError } from "../shared/errors.ts";
import type { JsonValue } from "../shared/json.ts";
import { toBase64 } from "./byte-texts.ts";
import { printDatetime } from "./datetimes.ts";
import { readMsgpack } from "./msgpack-reader.ts";
import { numberToJson } from "./plain-values.ts";

/** Converts a primitive to JSON; an integer that arrives as a float is truncated. */
export function primitiveToJson({ value }: Primitive, type: LiteralType | undefined): JsonValue {
  switch (value.case) {
    case "integer":
      return isSimple(type, SimpleType.FLOAT) ? Number(value.value) : numberToJson(value.value);
    case "floatValue":
      return floatToJson(value.value, type);
    case "datetime": {
      const text = printDatetime(value.value);
      if (text === undefined) {
        throw new FlyteError("internal", "the datetime lies outside the years 0001 to 9999");
      }
      const isDate = type?.structure?.tag === "date" && text.endsWith("T00:00:00+00:00");
      return isDate ? text.slice(0, 10) : text;
    }
    case "duration":
      return durationToJson(value.value.seconds, value.value.nanos);
    case undefined:
      return null;
    default:
      return value.value;
  }
}

/**
 * Converts bytes to JSON: MessagePack to what it holds, others to `{"base64": …}` with their tag. Python
 * pickles, which only Python can read, are marked `"format": "PythonPickle"`.
 *
 * @param isBytes - whether the type is BINARY, so that even MessagePack is meant as bytes
 */
export function binaryToJson({ value, tag }: Binary, isBytes: boolean): JsonValue {
  if (tag === "msgpack" && !isBytes) return readMsgpack(value);
  const base64 = toBase64(value);
  if (tag !== "") return { base64, tag };
  return isPickle(value) ? { base64, format: "PythonPickle" } : { base64 };
}

function isSimple(type: LiteralType | undefined, simple: SimpleType): boolean {
  return type?.type.case === "simple" && type.type.value === simple;
}

function floatToJson(value: number, type: LiteralType | undefined): JsonValue {
  if (!isSimple(type, SimpleType.INTEGER) || !Number.isFinite(value)) return numberToJson(value);
  return numberToJson(BigInt(Math.trunc(value)));
}

function durationToJson(seconds: bigint, nanos: number): JsonValue {
  const total = seconds * 1_000_000_000n + BigInt(Math.trunc(nanos));
  const size = total < 0n ? -total : total;
  const whole = size / 1_000_000_000n;
  const fraction = String(size % 1_000_000_000n).padStart(9, "0");
  // By way of text the result is the double nearest to the exact number of seconds.
  const number = Number(`${whole}.${fraction}`);
  return total < 0n ? -number : number;
}

/** Protocol 2 and later begin with 0x80 and the version, and end with a full stop. */
function isPickle(bytes: Uint8Array): boolean {
  const version = bytes[1] ?? 0;
  return bytes[0] === 0x80 && version >= 2 && version <= 5 && bytes.at(-1) === 0x2e;
}
