/** The part of JSON Schema (2020-12) the endpoint table uses. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly enum?: readonly string[];
  readonly default?: string | number | boolean;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly format?: string;
}

export const text: JsonSchema = { type: "string" };
export const flag: JsonSchema = { type: "boolean" };
export const integer: JsonSchema = { type: "integer" };
export const anything: JsonSchema = {};

export function nullable(schema: JsonSchema): JsonSchema {
  const types = typeof schema.type === "string" ? [schema.type] : (schema.type ?? []);
  return { ...schema, type: [...types, "null"] };
}

export function list(items: JsonSchema): JsonSchema {
  return { type: "array", items };
}

/** An object that has all of these members. */
export function object(
  properties: Readonly<Record<string, JsonSchema>>,
  description?: string,
): JsonSchema {
  return {
    type: "object",
    properties,
    required: Object.keys(properties),
    ...(description !== undefined && { description }),
  };
}

/** An object that may have any of these members. */
export function optional(properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return { type: "object", properties };
}

/** A map with values of one kind. */
export function map(description: string, values: JsonSchema = anything): JsonSchema {
  return { type: "object", additionalProperties: values, description };
}
