import { type LiteralType, SimpleType } from "../idl/literals.ts";
import {
  isJsonArray,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  ownValue,
} from "../shared/json.ts";

/** References that lead to references; more in a row than this is a circle. */
const maxHops = 20;

/** The JSON schema of a typed struct. Undefined for untyped structs and for other types. */
export function structSchema(type: LiteralType | undefined): JsonObject | undefined {
  if (type?.type.case !== "simple" || type.type.value !== SimpleType.STRUCT) return undefined;
  const { metadata } = type;
  if (metadata === undefined) return undefined;
  const isSchema = ["properties", "$ref"].some((key) => Object.hasOwn(metadata, key));
  return isSchema ? metadata : undefined;
}

/** The names of the fields that a typed struct declares. */
export function declaredNames(type: LiteralType): ReadonlySet<string> | undefined {
  const root = structSchema(type);
  return root === undefined ? undefined : new Set(fieldNames(resolveSchema(root, root)));
}

/**
 * The names of an object schema's fields in the order values are written: as listed in `required`
 * (a protobuf Struct keeps no order of its own), then the other properties.
 */
export function fieldNames(schema: JsonObject): readonly string[] {
  const properties = Object.keys(fieldSchemas(schema));
  const known = new Set(properties);
  const required = (requiredNames(schema) ?? []).filter((name) => known.has(name));
  return [...new Set([...required, ...properties])];
}

/** The schemas of an object schema's fields. */
export function fieldSchemas(schema: JsonObject): JsonObject {
  const properties = ownValue(schema, "properties");
  return isJsonObject(properties) ? properties : {};
}

/** What `required` lists; undefined when the schema does not say. */
export function requiredNames(schema: JsonObject): readonly string[] | undefined {
  const required = ownValue(schema, "required");
  return isJsonArray(required)
    ? required.filter((name): name is string => typeof name === "string")
    : undefined;
}

/** Follows `$ref` within the root schema; what leads nowhere becomes the schema that allows anything. */
export function resolveSchema(schema: JsonValue | undefined, root: JsonObject): JsonObject {
  let current = schema;
  for (let hop = 0; hop < maxHops; hop += 1) {
    if (!isJsonObject(current)) return {};
    const reference = ownValue(current, "$ref") ?? soleAllOf(current);
    if (reference === undefined) return current;
    current = typeof reference === "string" ? follow(reference, root) : reference;
  }
  return {};
}

/** The alternatives of `anyOf` or `oneOf`. */
export function alternatives(schema: JsonObject): readonly JsonValue[] | undefined {
  const options = ownValue(schema, "anyOf") ?? ownValue(schema, "oneOf");
  return isJsonArray(options) ? options : undefined;
}

/** The names in `type`: one, several, or none when the schema does not say. */
export function typeNames(schema: JsonObject): readonly string[] {
  const type = ownValue(schema, "type");
  const names = isJsonArray(type) ? type : [type];
  return names.filter((name): name is string => typeof name === "string");
}

/** Whether null is a value of the schema. */
export function isNullable(schema: JsonObject, root: JsonObject): boolean {
  if (typeNames(schema).includes("null")) return true;
  return (alternatives(schema) ?? []).some((option) =>
    typeNames(resolveSchema(option, root)).includes("null"),
  );
}

/** Older pydantic wraps a reference that has a default or description in an `allOf` of one. */
function soleAllOf(schema: JsonObject): JsonValue | undefined {
  const all = ownValue(schema, "allOf");
  return isJsonArray(all) && all.length === 1 ? all[0] : undefined;
}

function follow(reference: string, root: JsonObject): JsonValue | undefined {
  if (!reference.startsWith("#")) return undefined;
  let current: JsonValue | undefined = root;
  for (const step of reference.slice(1).split("/").slice(1)) {
    if (!isJsonObject(current)) return undefined;
    current = ownValue(current, step.replaceAll("~1", "/").replaceAll("~0", "~"));
  }
  return current;
}
