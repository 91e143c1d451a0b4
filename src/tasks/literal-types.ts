import { create } from "@bufbuild/protobuf";
import {
  BlobType_BlobDimensionality,
  type LiteralType,
  LiteralTypeSchema,
  SimpleType,
  TypeStructureSchema,
} from "../idl/literals.ts";
import { toStructSchema } from "./struct-schema.ts";
import type { ScalarKind, TypeShape } from "./task-type.ts";

const SIMPLE: Readonly<Record<ScalarKind, readonly [SimpleType, string]>> = {
  int: [SimpleType.INTEGER, "int"],
  bigint: [SimpleType.INTEGER, "int"],
  float: [SimpleType.FLOAT, "float"],
  string: [SimpleType.STRING, "str"],
  boolean: [SimpleType.BOOLEAN, "bool"],
  datetime: [SimpleType.DATETIME, "datetime"],
  duration: [SimpleType.DURATION, "timedelta"],
  none: [SimpleType.NONE, "none"],
  json: [SimpleType.STRUCT, "Typed Dict"],
};

/** How struct values are written, told to the control plane for its cache keys. */
const MSGPACK = { annotations: { "cache-key-metadata": { "serialization-format": "msgpack" } } };

/** The Flyte type (`core.LiteralType`) that a type of a TypeScript task stands for. */
export function toLiteralType(shape: TypeShape): LiteralType {
  switch (shape.kind) {
    case "list":
      return literalType({ case: "collectionType", value: toLiteralType(shape.item) });
    case "map":
      return literalType({ case: "mapValueType", value: toLiteralType(shape.item) });
    case "enum":
      return create(LiteralTypeSchema, {
        type: { case: "enumType", value: { values: [...shape.values] } },
      });
    case "optional":
      return toUnionType([shape.item, { kind: "none" }]);
    case "union":
      return toUnionType(shape.variants);
    case "struct":
      return create(LiteralTypeSchema, {
        type: { case: "simple", value: SimpleType.STRUCT },
        metadata: toStructSchema(shape),
        structure: { tag: tagOf(shape) },
        annotation: MSGPACK,
      });
    case "file":
    case "dir":
      return create(LiteralTypeSchema, {
        type: {
          case: "blob",
          value: {
            format: shape.format,
            dimensionality:
              shape.kind === "file"
                ? BlobType_BlobDimensionality.SINGLE
                : BlobType_BlobDimensionality.MULTIPART,
          },
        },
      });
    case "dataset":
      return create(LiteralTypeSchema, {
        type: { case: "structuredDatasetType", value: { format: shape.format } },
      });
    default:
      return create(LiteralTypeSchema, {
        type: { case: "simple", value: SIMPLE[shape.kind][0] },
        ...(shape.kind === "json" ? { annotation: MSGPACK } : {}),
      });
  }
}

function literalType(type: LiteralType["type"]): LiteralType {
  return create(LiteralTypeSchema, { type });
}

/** Variants carry the tag by which the reader of a value finds the one that was meant. */
function toUnionType(shapes: readonly TypeShape[]): LiteralType {
  const variants = shapes.map((shape) => {
    const variant = toLiteralType(shape);
    variant.structure = create(TypeStructureSchema, { tag: tagOf(shape) });
    return variant;
  });
  return create(LiteralTypeSchema, { type: { case: "unionType", value: { variants } } });
}

function tagOf(shape: TypeShape): string {
  switch (shape.kind) {
    case "list":
      return "Typed List";
    case "map":
      return "Typed Dict";
    case "enum":
      return "DefaultEnumTransformer";
    case "optional":
    case "union":
      return "Typed Union";
    case "struct":
      return "Object-Dataclass-Transformer";
    case "file":
      return "File";
    case "dir":
      return "Dir";
    case "dataset":
      return "DataFrame Transformer";
    default:
      return SIMPLE[shape.kind][1];
  }
}
