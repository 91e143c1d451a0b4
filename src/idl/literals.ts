export {
  type TypedInterface,
  TypedInterfaceSchema,
  type VariableEntry,
} from "@flyteorg/flyteidl2/flyteidl2/core/interface_pb.ts";
export {
  type Binary,
  type Blob,
  BlobSchema,
  type Literal,
  LiteralMapSchema,
  LiteralSchema,
  type Primitive,
  type Scalar,
  type Schema,
  SchemaSchema,
  type StructuredDataset,
  StructuredDatasetSchema,
  type Union,
  UnionSchema,
  VoidSchema,
} from "@flyteorg/flyteidl2/flyteidl2/core/literals_pb.ts";
export {
  type BlobType,
  BlobType_BlobDimensionality,
  type EnumType,
  ErrorSchema as LiteralErrorSchema,
  type LiteralType,
  LiteralTypeSchema,
  type SchemaType,
  SimpleType,
  type StructuredDatasetType,
  TypeStructureSchema,
} from "@flyteorg/flyteidl2/flyteidl2/core/types_pb.ts";
