import {
  BlobType_BlobDimensionality,
  type LiteralType,
  SimpleType,
  type TypedInterface,
} from "../idl/literals.ts";
import type { NamedParameter } from "../idl/tasks.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../shared/json.ts";
import { fieldSchemas, requiredNames, structSchema } from "./struct-schema.ts";

const simpleSchemas: ReadonlyMap<number, JsonObject> = new Map<number, JsonObject>([
  [SimpleType.NONE, { type: "null" }],
  [SimpleType.INTEGER, { type: "integer" }],
  [SimpleType.FLOAT, { type: "number", format: "float" }],
  [SimpleType.STRING, { type: "string" }],
  [SimpleType.BOOLEAN, { type: "boolean" }],
  [SimpleType.DATETIME, { type: "string", format: "datetime" }],
  [SimpleType.DURATION, { type: "string", format: "duration" }],
  [SimpleType.BINARY, { type: "string", format: "binary" }],
  [SimpleType.ERROR, { type: "object", format: "error" }],
]);

/** Deeper types cannot be converted either. */
const maxDepth = 30;

/**
 * Describes the inputs of a task as the JSON schema of an object, in the shape that the Python SDK gives
 * it, with descriptions added: for documentation and forms. Inputs without a stored default are required.
 */
export function toJsonSchema(
  iface: TypedInterface | undefined,
  defaultInputs: readonly NamedParameter[],
): JsonObject {
  const optional = new Set(
    defaultInputs
      .filter(({ parameter }) => parameter?.behavior.case === "default")
      .map(({ name }) => name),
  );
  const variables = iface?.inputs?.variables ?? [];
  return {
    type: "object",
    properties: Object.fromEntries(
      variables.map(({ key, value }) => [
        key,
        { ...typeToSchema(value?.type, 0), ...describe(value?.description) },
      ]),
    ),
    required: variables.map(({ key }) => key).filter((name) => !optional.has(name)),
  };
}

function describe(description: string | undefined): JsonObject {
  return description === undefined || description === "" ? {} : { description };
}

function typeToSchema(type: LiteralType | undefined, depth: number): JsonObject {
  const kind = type?.type;
  if (type === undefined || kind === undefined || depth > maxDepth) return { type: "string" };
  switch (kind.case) {
    case "simple":
      return simpleSchemas.get(kind.value) ?? structToSchema(type);
    case "collectionType":
      return { type: "array", items: typeToSchema(kind.value, depth + 1) };
    case "mapValueType":
      return { type: "object", additionalProperties: typeToSchema(kind.value, depth + 1) };
    case "enumType":
      return { type: "string", enum: kind.value.values };
    case "blob":
      return blobToSchema(kind.value.format, kind.value.dimensionality);
    case "structuredDatasetType":
      return {
        type: "object",
        format: "structured-dataset",
        properties: { uri: { type: "string" }, format: { type: "string" } },
      };
    case "unionType":
      return unionToSchema(kind.value.variants, depth);
    default:
      return { type: "string" };
  }
}

function blobToSchema(format: string, dimensionality: BlobType_BlobDimensionality): JsonObject {
  const dimension =
    dimensionality === BlobType_BlobDimensionality.MULTIPART ? "MULTIPART" : "SINGLE";
  return {
    type: "object",
    format: "blob",
    properties: {
      uri: { type: "string", default: "" },
      format: { type: "string", default: format },
      dimensionality: { type: "string", enum: ["SINGLE", "MULTIPART"], default: dimension },
    },
  };
}

function unionToSchema(variants: readonly LiteralType[], depth: number): JsonObject {
  const others = variants.filter(
    ({ type }) => type.case !== "simple" || type.value !== SimpleType.NONE,
  );
  const [only] = others;
  if (others.length === 1) return typeToSchema(only, depth + 1);
  const oneOf = variants.map((variant) => {
    const tag = variant.structure?.tag ?? "";
    const schema = typeToSchema(variant, depth + 1);
    return tag === "" ? schema : { ...schema, title: tag, structure: tag };
  });
  return { oneOf, format: "union" };
}

/** The stored schema of a typed struct; its title moves to `dataclass`. */
function structToSchema(type: LiteralType): JsonObject {
  if (type.type.case !== "simple" || type.type.value !== SimpleType.STRUCT) {
    return { type: "string" };
  }
  const stored = structSchema(type);
  if (stored === undefined) return { type: "object" };
  const { title, additionalProperties: _, ...schema } = stored;
  const result: Record<string, JsonValue> = { type: "object", ...schema };
  if (title !== undefined) result["dataclass"] = title;
  const fields = Object.entries(fieldSchemas(stored));
  if (requiredNames(stored) === undefined && fields.length > 0) {
    result["required"] = fields
      .filter(([, field]) => !isJsonObject(field) || !Object.hasOwn(field, "default"))
      .map(([name]) => name);
  }
  return result;
}
