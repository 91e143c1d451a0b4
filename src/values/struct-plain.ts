import { isJsonArray, type JsonValue } from "../shared/json.ts";
import type { FaultLog } from "./fault-log.ts";
import type { Packable } from "./msgpack-writer.ts";
import { isWellFormed } from "./plain-values.ts";

const maxDepth = 90;

/** Checks that a value without a schema can be written as MessagePack and read back. */
export function packPlain(value: JsonValue, log: FaultLog, depth = 0): Packable | undefined {
  if (depth > maxDepth) return log.add(`the value is nested more than ${maxDepth} deep`);
  switch (typeof value) {
    case "boolean":
    case "number":
      return value;
    case "bigint":
      return packInteger(value, log);
    case "string":
      return isWellFormed(value) ? value : log.add("the string holds half of a surrogate pair");
    case "object":
      break;
    default:
      return log.add("this is no JSON value");
  }
  if (value === null) return value;
  const count = log.faults.length;
  const steps = isJsonArray(value) ? value.entries() : Object.entries(value);
  for (const [step, item] of steps) {
    if (log.isFull) break;
    if (typeof step === "string") checkKey(step, log);
    log.at(step, () => packPlain(item, log, depth + 1));
  }
  return log.isFull || log.faults.length > count ? undefined : value;
}

/** An integer as it is, if MessagePack can hold it: signed or unsigned 64 bits. */
export function packInteger(value: bigint, log: FaultLog): bigint | undefined {
  if (value >= -(2n ** 63n) && value < 2n ** 64n) return value;
  return log.add("the integer does not fit 64 bits");
}

/** Notes a fault for a key that cannot be written; false then. */
export function checkKey(key: string, log: FaultLog): boolean {
  if (key !== "__proto__" && isWellFormed(key)) return true;
  log.add("this key is not allowed", key);
  return false;
}
