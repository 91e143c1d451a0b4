import { type Fault, invalidInput } from "../../shared/errors.ts";
import type { JsonObject, JsonValue } from "../../shared/json.ts";

const maxDepth = 64;

type Path = readonly (string | number)[];

interface Walk {
  readonly faults: Fault[];
  /** The objects on the way from the root, to see a value that contains itself. */
  readonly above: Set<object>;
}

/**
 * Turns the inputs a program writes into plain JSON values: `Date` becomes ISO 8601 text, `bigint`
 * stays exact, `Uint8Array` becomes base64 text, objects with a `toJSON` method give its result,
 * and keys that hold `undefined` are left out. Everything else has to be JSON already.
 *
 * @throws FlyteError `invalid_input` naming every value that has no JSON form
 */
export function toJsonInputs(given: object): JsonObject {
  const walk: Walk = { faults: [], above: new Set() };
  if (!isPlain(given)) {
    throw invalidInput([{ path: [], message: "inputs must be a plain object of input names" }]);
  }
  const inputs = toObject(given, [], walk);
  if (walk.faults.length > 0) throw invalidInput(walk.faults);
  return inputs;
}

function toValue(value: unknown, path: Path, walk: Walk): JsonValue {
  switch (typeof value) {
    case "string":
    case "boolean":
    case "bigint":
    case "number":
      return value;
    case "object":
      return value === null ? null : toNested(value, path, walk);
    default:
      return fault(walk, path, `a ${typeof value} has no JSON form; give a value instead`);
  }
}

function toNested(value: object, path: Path, walk: Walk): JsonValue {
  if (value instanceof Date) return toTime(value, path, walk);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (walk.above.has(value)) return fault(walk, path, "the value contains itself");
  if (walk.above.size > maxDepth) return fault(walk, path, `nested deeper than ${maxDepth} levels`);
  walk.above.add(value);
  try {
    return toInner(value, path, walk);
  } catch {
    // A getter or toJSON of the caller's own; what it threw says nothing about inputs.
    return fault(walk, path, "the value cannot be read; give plain data instead");
  } finally {
    walk.above.delete(value);
  }
}

function toInner(value: object, path: Path, walk: Walk): JsonValue {
  // Array.from visits holes too, which a plain map would keep as holes.
  if (Array.isArray(value)) {
    return Array.from(value, (item: unknown, index) => toValue(item, [...path, index], walk));
  }
  if ("toJSON" in value && typeof value.toJSON === "function") {
    return toValue(value.toJSON(), path, walk);
  }
  if (isPlain(value)) return toObject(value, path, walk);
  const name = String(value.constructor.name);
  return fault(walk, path, `a plain object or an array is expected, not an instance of ${name}`);
}

function toTime(value: Date, path: Path, walk: Walk): JsonValue {
  return Number.isNaN(value.getTime())
    ? fault(walk, path, "the Date is not a valid time")
    : value.toISOString();
}

function toObject(value: object, path: Path, walk: Walk): JsonObject {
  const entries: [string, JsonValue][] = [];
  for (const [key, item] of Object.entries(value)) {
    if (key === "__proto__") fault(walk, [...path, key], "this key is not allowed");
    else if (item !== undefined) entries.push([key, toValue(item, [...path, key], walk)]);
  }
  return Object.fromEntries(entries);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  // Objects of another realm, as test runners and vm contexts make them, have their own prototype.
  return (
    prototype === null ||
    prototype === Object.prototype ||
    (!Array.isArray(value) && Object.getPrototypeOf(prototype) === null)
  );
}

function fault(walk: Walk, path: Path, message: string): null {
  walk.faults.push({ path, message });
  return null;
}
