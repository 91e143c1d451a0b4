import {
  isJsonArray,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  ownValue,
} from "../../../src/shared/json.ts";
import {
  alternatives,
  fieldNames,
  fieldSchemas,
  isNullable,
  requiredNames,
  resolveSchema,
  typeNames,
} from "../../../src/values/struct-schema.ts";
import type { Shape, StructField } from "./shape.ts";

/** What stays the same within one struct, and how deep the place is. */
export interface SchemaPlace {
  /** The whole schema, into which references lead. */
  readonly root: JsonObject;
  readonly depth: number;
  readonly maxDepth: number;
  /** What a struct at this place is called. */
  readonly title?: string;
}

const plainKinds: ReadonlyMap<string, Shape> = new Map<string, Shape>([
  ["integer", { kind: "integer" }],
  ["number", { kind: "float" }],
  ["string", { kind: "string" }],
  ["boolean", { kind: "boolean" }],
  ["null", { kind: "none" }],
]);

/** The form of a value that a JSON schema describes. */
export function schemaShape(given: JsonValue | undefined, place: SchemaPlace): Shape {
  const { root, depth, maxDepth } = place;
  if (depth > maxDepth) return { kind: "json" };
  const schema = resolveSchema(given, root);
  const listed = listedValues(schema);
  if (listed !== undefined) return { kind: "enum", values: listed };
  const options = alternatives(schema) ?? severalTypes(schema);
  if (options !== undefined) {
    return {
      kind: "union",
      variants: options.map((option) => ({
        name: schemaWords(option, root),
        shape: schemaShape(option, { root, maxDepth, depth: depth + 1 }),
      })),
    };
  }
  const [name = "object"] = typeNames(schema);
  const plain = plainKinds.get(name);
  if (plain !== undefined) return plain;
  if (name === "array") return arrayShape(schema, place);
  return name === "object" ? objectShape(schema, place) : { kind: "json" };
}

/** Texts and numbers to choose from; undefined where there are none, or others among them. */
function listedValues(schema: JsonObject): readonly JsonValue[] | undefined {
  const constant = ownValue(schema, "const");
  const listed = ownValue(schema, "enum") ?? (constant === undefined ? undefined : [constant]);
  if (!isJsonArray(listed) || listed.some((value) => typeof value === "object")) return undefined;
  return listed;
}

function severalTypes(schema: JsonObject): readonly JsonValue[] | undefined {
  const names = typeNames(schema);
  return names.length > 1 ? names.map((type) => ({ ...schema, type })) : undefined;
}

function arrayShape(schema: JsonObject, { root, maxDepth, depth }: SchemaPlace): Shape {
  const items = ownValue(schema, "items");
  if (items === undefined || Object.hasOwn(schema, "prefixItems")) return { kind: "json" };
  return { kind: "list", item: schemaShape(items, { root, maxDepth, depth: depth + 1 }) };
}

function objectShape(schema: JsonObject, { root, maxDepth, depth, title }: SchemaPlace): Shape {
  const inner = { root, maxDepth, depth: depth + 1 };
  const names = fieldNames(schema);
  const extra = ownValue(schema, "additionalProperties");
  if (names.length === 0) {
    if (!isJsonObject(extra)) return { kind: "json" };
    return { kind: "map", item: schemaShape(extra, inner) };
  }
  const fields = fieldSchemas(schema);
  const required = requiredNames(schema);
  return {
    kind: "struct",
    title: title ?? schemaWords(schema, root),
    fields: names.map((name) => {
      const isRequired = required?.includes(name) ?? true;
      return toField(name, fields[name], {
        root,
        isRequired,
        shape: schemaShape(fields[name], inner),
      });
    }),
  };
}

function toField(
  name: string,
  declared: JsonValue | undefined,
  about: { readonly root: JsonObject; readonly isRequired: boolean; readonly shape: Shape },
): StructField {
  const { root, isRequired, shape } = about;
  const schema = resolveSchema(declared, root);
  // Default and description may stand beside a reference as well as within what it leads to.
  const places = isJsonObject(declared) ? [declared, schema] : [schema];
  const find = (key: string): JsonValue | undefined =>
    places.map((place) => ownValue(place, key)).find((value) => value !== undefined);
  const fallback = find("default");
  const description = find("description");
  return {
    name,
    type: schemaWords(declared, root),
    shape,
    description: typeof description === "string" ? description : "",
    isRequired: isRequired && fallback === undefined && !isNullable(schema, root),
    ...(fallback !== undefined && { fallback }),
  };
}

const words: Readonly<Record<string, string>> = { number: "float", object: "struct" };

/** A schema in the words of Flyte's types. */
export function schemaWords(given: JsonValue | undefined, root: JsonObject, depth = 0): string {
  if (depth > 4) return "…";
  const schema = resolveSchema(given, root);
  if (listedValues(schema) !== undefined) return "enum";
  const options = alternatives(schema) ?? severalTypes(schema);
  if (options !== undefined) {
    return `union<${options.map((option) => schemaWords(option, root, depth + 1)).join(", ")}>`;
  }
  const title = ownValue(schema, "title");
  const [name = "any"] = typeNames(schema);
  if (name === "array") return `list<${schemaWords(schema["items"], root, depth + 1)}>`;
  if (name !== "object") return words[name] ?? name;
  if (typeof title === "string" && title !== "") return title;
  const extra = ownValue(schema, "additionalProperties");
  const isMap = isJsonObject(extra) && fieldNames(schema).length === 0;
  return isMap ? `map<${schemaWords(extra, root, depth + 1)}>` : "struct";
}
