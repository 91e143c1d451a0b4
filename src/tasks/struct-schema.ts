import type { JsonObject as ProtoJsonObject } from "@bufbuild/protobuf";
import { fromNative } from "./native-values.ts";
import type { ScalarKind, StructField, TypeShape } from "./task-type.ts";

type StructShape = TypeShape & { readonly kind: "struct" };

const SCALARS: Readonly<Record<ScalarKind, ProtoJsonObject>> = {
  int: { type: "integer" },
  bigint: { type: "integer" },
  float: { type: "number" },
  string: { type: "string" },
  boolean: { type: "boolean" },
  datetime: { type: "string", format: "date-time" },
  duration: { type: "number", format: "time-delta" },
  none: { type: "null" },
  json: { type: "object", additionalProperties: true },
};

/** The JSON Schema that describes a struct to readers in other languages. */
export function toStructSchema({ name, fields }: StructShape): ProtoJsonObject {
  return {
    type: "object",
    title: name,
    properties: Object.fromEntries(fields.map((field) => [field.name, toFieldSchema(field)])),
    required: fields.filter(({ fallback }) => fallback === undefined).map((field) => field.name),
    additionalProperties: false,
  };
}

function toFieldSchema({ shape, description, fallback }: StructField): ProtoJsonObject {
  return {
    ...toSchema(shape),
    ...(description === "" ? {} : { description }),
    // Schemas travel as protobuf structs, whose numbers are doubles anyway.
    ...(fallback === undefined ? {} : { default: plain(fromNative(shape, fallback.value).value) }),
  };
}

function plain(value: unknown): ProtoJsonObject[string] {
  return JSON.parse(
    JSON.stringify(value, (_key, inner: unknown) =>
      typeof inner === "bigint" ? Number(inner) : inner,
    ),
  ) as ProtoJsonObject[string];
}

function toSchema(shape: TypeShape): ProtoJsonObject {
  switch (shape.kind) {
    case "list":
      return { type: "array", items: toSchema(shape.item) };
    case "map":
      return { type: "object", additionalProperties: toSchema(shape.item) };
    case "enum":
      return { type: "string", enum: [...shape.values] };
    case "optional":
      return { anyOf: [toSchema(shape.item), { type: "null" }] };
    case "union":
      return { anyOf: shape.variants.map(toSchema) };
    case "struct":
      return toStructSchema(shape);
    case "file":
    case "dir":
    case "dataset":
      // Refused in structs when the type is built.
      return { type: "object" };
    default:
      return SCALARS[shape.kind];
  }
}
