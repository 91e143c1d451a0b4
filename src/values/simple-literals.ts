import { create } from "@bufbuild/protobuf";
import {
  type Literal,
  LiteralErrorSchema,
  type LiteralType,
  SimpleType,
  VoidSchema,
} from "../idl/literals.ts";
import { parseDurationNanos } from "../shared/duration.ts";
import { FlyteError } from "../shared/errors.ts";
import { isJsonObject, type JsonObject, type JsonValue, ownValue } from "../shared/json.ts";
import { fromBase64 } from "./byte-texts.ts";
import { parseDatetime } from "./datetimes.ts";
import type { FaultLog } from "./fault-log.ts";
import { makeBinary, makePrimitive, makeScalar } from "./make-literal.ts";
import { floatFromJson, integerFromJson, isWellFormed } from "./plain-values.ts";
import { toStruct } from "./structs.ts";
import { printValue } from "./type-names.ts";

const int64 = 2n ** 63n;

/** The range of `google.protobuf.Duration`: about ten thousand years either way. */
const maxDurationNanos = 315_576_000_000n * 1_000_000_000n;

/** Converts a JSON value to a literal of a `core.SimpleType`. Undefined after a fault was noted. */
export function toSimple(
  value: JsonValue,
  simple: SimpleType,
  type: LiteralType,
  log: FaultLog,
): Literal | undefined {
  switch (simple) {
    case SimpleType.NONE:
      return value === null
        ? makeScalar({ case: "noneType", value: create(VoidSchema) })
        : log.add(`expected null, got ${printValue(value)}`);
    case SimpleType.INTEGER:
      return toInteger(value, log);
    case SimpleType.FLOAT: {
      const number = floatFromJson(value);
      if (number !== undefined) return makePrimitive({ case: "floatValue", value: number });
      return log.add(
        `expected a number (or "NaN", "Infinity", "-Infinity"), got ${printValue(value)}`,
      );
    }
    case SimpleType.STRING:
      return toText(value, log);
    case SimpleType.BOOLEAN:
      return typeof value === "boolean"
        ? makePrimitive({ case: "boolean", value })
        : log.add(`expected true or false, got ${printValue(value)}`);
    case SimpleType.DATETIME:
      return toDatetime(value, log);
    case SimpleType.DURATION:
      return toDuration(value, log);
    case SimpleType.BINARY:
      return toBinary(value, log);
    case SimpleType.ERROR:
      return toError(value, log);
    case SimpleType.STRUCT:
      return toStruct(value, type, log);
    default:
      return log.add("the task declares a type that this version does not know");
  }
}

/** A boolean passes as 1 or 0, as it does in Python, where it is an integer. */
function toInteger(value: JsonValue, log: FaultLog): Literal | undefined {
  const integer = integerFromJson(typeof value === "boolean" ? Number(value) : value);
  if (integer === undefined) return log.add(`expected an integer, got ${printValue(value)}`);
  if (integer < -int64 || integer >= int64) {
    return log.add(`${printValue(value)} does not fit a signed 64-bit integer`);
  }
  return makePrimitive({ case: "integer", value: integer });
}

function toText(value: JsonValue, log: FaultLog): Literal | undefined {
  if (typeof value !== "string") return log.add(`expected a string, got ${printValue(value)}`);
  if (!isWellFormed(value)) return log.add("the string holds half of a surrogate pair");
  return makePrimitive({ case: "stringValue", value });
}

function toDatetime(value: JsonValue, log: FaultLog): Literal | undefined {
  const instant = typeof value === "string" ? parseDatetime(value) : undefined;
  if (instant === undefined) {
    return log.add(
      `expected a datetime like "2024-01-02T03:04:05Z" in the years 0001 to 9999, got ${printValue(value)}`,
    );
  }
  return makePrimitive({
    case: "datetime",
    value: { $typeName: "google.protobuf.Timestamp", ...instant },
  });
}

function toDuration(value: JsonValue, log: FaultLog): Literal | undefined {
  const nanos = readDuration(value);
  if (nanos === undefined) {
    return log.add(
      `expected a duration: seconds (90), "1h30m" or "PT1H30M", got ${printValue(value)}`,
    );
  }
  if (nanos > maxDurationNanos || nanos < -maxDurationNanos) {
    return log.add("the duration is beyond 315,576,000,000 seconds");
  }
  const second = 1_000_000_000n;
  return makePrimitive({
    case: "duration",
    value: {
      $typeName: "google.protobuf.Duration",
      seconds: nanos / second,
      nanos: Number(nanos % second),
    },
  });
}

function readDuration(value: JsonValue): bigint | undefined {
  if (typeof value !== "number" && typeof value !== "bigint" && typeof value !== "string") {
    return undefined;
  }
  try {
    return parseDurationNanos(value);
  } catch (error) {
    if (FlyteError.is(error)) return undefined;
    throw error;
  }
}

function toBinary(value: JsonValue, log: FaultLog): Literal | undefined {
  const text = isJsonObject(value) ? ownValue(value, "base64") : value;
  const tag = isJsonObject(value) ? (ownValue(value, "tag") ?? "") : "";
  const bytes = typeof text === "string" ? fromBase64(text) : undefined;
  if (bytes === undefined) {
    return log.add(`expected base64 text or {"base64": text}, got ${printValue(value)}`);
  }
  if (typeof tag !== "string" || !isWellFormed(tag)) {
    return log.add(`expected a string, got ${printValue(tag)}`, "tag");
  }
  return refuseOthers(value, ["base64", "tag", "format"], log) ? undefined : makeBinary(bytes, tag);
}

function toError(value: JsonValue, log: FaultLog): Literal | undefined {
  const given: JsonObject = isJsonObject(value) ? value : { message: value };
  const message = ownValue(given, "message");
  const failedNodeId = ownValue(given, "failed_node_id") ?? "";
  if (typeof message !== "string" || !isWellFormed(message)) {
    return log.add(`expected {"message": text}, got ${printValue(value)}`);
  }
  if (typeof failedNodeId !== "string" || !isWellFormed(failedNodeId)) {
    return log.add(`expected a string, got ${printValue(failedNodeId)}`, "failed_node_id");
  }
  if (refuseOthers(value, ["message", "failed_node_id"], log)) return undefined;
  return makeScalar({
    case: "error",
    value: create(LiteralErrorSchema, { message, failedNodeId }),
  });
}

/** Notes every key an object may not have; true when there is one. */
export function refuseOthers(value: JsonValue, allowed: readonly string[], log: FaultLog): boolean {
  if (!isJsonObject(value)) return false;
  const others = Object.keys(value).filter((key) => !allowed.includes(key));
  for (const key of others) log.add(`unknown key; allowed are ${allowed.join(", ")}`, key);
  return others.length > 0;
}
