import {
  type Literal,
  type LiteralType,
  type Scalar,
  SimpleType,
  type Union,
} from "../idl/literals.ts";
import { FlyteError } from "../shared/errors.ts";
import type { JsonValue } from "../shared/json.ts";
import { blobToJson, datasetToJson, schemaToJson } from "./from-reference.ts";
import { binaryToJson, primitiveToJson } from "./from-scalar.ts";
import { readStruct } from "./structs.ts";

const maxDepth = 100;

/** Converts a literal to JSON, guided by its type if known. */
export function readLiteral(
  literal: Literal,
  type: LiteralType | undefined,
  depth: number,
): JsonValue {
  if (depth > maxDepth) {
    throw new FlyteError("internal", `the value is nested more than ${maxDepth} deep`);
  }
  const { value } = literal;
  switch (value.case) {
    case "scalar":
      return readScalar(value.value, literal, type, depth);
    case "collection": {
      const itemType = type?.type.case === "collectionType" ? type.type.value : undefined;
      return value.value.literals.map((item) => readLiteral(item, itemType, depth + 1));
    }
    case "map": {
      const valueType = type?.type.case === "mapValueType" ? type.type.value : undefined;
      return Object.fromEntries(
        Object.entries(value.value.literals).map(([key, item]) => [
          key,
          readLiteral(item, valueType, depth + 1),
        ]),
      );
    }
    case "offloadedMetadata":
      return {
        uri: value.value.uri,
        format: "offloaded",
        size_bytes: sizeToJson(value.value.sizeBytes),
      };
    default:
      return readNothing(literal);
  }
}

function readScalar(
  scalar: Scalar,
  literal: Literal,
  type: LiteralType | undefined,
  depth: number,
): JsonValue {
  const { value } = scalar;
  switch (value.case) {
    case "primitive":
      return primitiveToJson(value.value, type);
    case "noneType":
      return null;
    case "binary": {
      const isBytes = type?.type.case === "simple" && type.type.value === SimpleType.BINARY;
      return readStruct(binaryToJson(value.value, isBytes), type);
    }
    case "generic":
      return readStruct(value.value, type);
    case "union":
      return readUnion(value.value, type, depth);
    case "blob":
      return blobToJson(value.value, literal.hash);
    case "structuredDataset":
      return datasetToJson(value.value, literal.hash);
    case "schema":
      return schemaToJson(value.value, literal.hash);
    case "error": {
      const { message, failedNodeId } = value.value;
      return failedNodeId === "" ? { message } : { message, failed_node_id: failedNodeId };
    }
    default:
      return readNothing(scalar);
  }
}

/** The stored variant says what the value is; the declared union is only asked when it does not. */
function readUnion(union: Union, type: LiteralType | undefined, depth: number): JsonValue {
  if (union.value === undefined) return null;
  const stored = union.type?.type.case === undefined ? undefined : union.type;
  const tag = union.type?.structure?.tag;
  const variants = type?.type.case === "unionType" ? type.type.value.variants : [];
  const named = variants.filter((variant) => variant.structure?.tag === tag);
  const declared = named.length === 1 ? named[0] : undefined;
  return readLiteral(union.value, stored ?? declared, depth + 1);
}

function readNothing(message: { readonly $unknown?: readonly unknown[] | undefined }): JsonValue {
  if (message.$unknown !== undefined && message.$unknown.length > 0) {
    throw new FlyteError(
      "unimplemented",
      "the value is of a kind that this version does not know, update the package",
    );
  }
  return null;
}

function sizeToJson(size: bigint): JsonValue {
  return size <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(size) : size;
}
