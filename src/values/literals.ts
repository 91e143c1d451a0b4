import type { Literal, LiteralType } from "../idl/literals.ts";
import type { JsonValue } from "../shared/json.ts";
import { FaultLog } from "./fault-log.ts";
import { readLiteral } from "./from-literal.ts";
import { convertToLiteral } from "./to-literal.ts";

/**
 * Converts a JSON value to a `core.Literal` of a type. `docs/values.md` lists the JSON form of each type.
 *
 * @throws {@link FlyteError} `invalid_input` with every fault and its path.
 */
export function toLiteral(value: JsonValue, type: LiteralType): Literal {
  const log = new FaultLog();
  const literal = convertToLiteral(value, type, log);
  log.throwIfAny();
  if (literal === undefined) throw new Error("a conversion failed without naming a fault");
  return literal;
}

/**
 * Converts a `core.Literal` to its JSON form. A literal says itself what it holds; the type, if known,
 * settles what it leaves open, such as integers that arrive as floats or the fields of a struct.
 *
 * Values kept outside the literal (offloaded ones) come as a marker with their address.
 *
 * @throws {@link FlyteError} `internal` for what no JSON form can show faithfully, such as broken
 * MessagePack or a datetime beyond year 9999, and `unimplemented` for kinds of newer Flyte versions.
 */
export function fromLiteral(literal: Literal, type?: LiteralType): JsonValue {
  return readLiteral(literal, type, 0);
}
