import { create } from "@bufbuild/protobuf";
import {
  type Literal,
  LiteralSchema,
  type LiteralType,
  type Primitive,
  type Scalar,
  UnionSchema,
} from "../idl/literals.ts";

/** A literal of one scalar. */
export function makeScalar(value: Scalar["value"], hash = ""): Literal {
  // Built by hand: several times faster than create(), which counts for long lists of numbers.
  return {
    $typeName: "flyteidl2.core.Literal",
    value: { case: "scalar", value: { $typeName: "flyteidl2.core.Scalar", value } },
    hash,
    metadata: {},
  };
}

/** A literal of one primitive. */
export function makePrimitive(value: Primitive["value"]): Literal {
  return makeScalar({
    case: "primitive",
    value: { $typeName: "flyteidl2.core.Primitive", value },
  });
}

/** A literal of bytes; the tag names their encoding. */
export function makeBinary(value: Uint8Array, tag: string): Literal {
  return makeScalar({
    case: "binary",
    value: { $typeName: "flyteidl2.core.Binary", value, tag },
  });
}

/** A literal of a union's chosen variant. */
export function makeUnion(value: Literal, type: LiteralType): Literal {
  return makeScalar({ case: "union", value: create(UnionSchema, { value, type }) });
}

/** A literal of a list. */
export function makeCollection(literals: Literal[]): Literal {
  return create(LiteralSchema, {
    value: {
      case: "collection",
      value: { $typeName: "flyteidl2.core.LiteralCollection", literals },
    },
  });
}

/** A literal of a map with string keys. */
export function makeMap(entries: readonly (readonly [string, Literal])[]): Literal {
  return create(LiteralSchema, {
    value: {
      case: "map",
      value: { $typeName: "flyteidl2.core.LiteralMap", literals: Object.fromEntries(entries) },
    },
  });
}
