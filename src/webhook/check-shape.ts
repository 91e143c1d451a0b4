import type { Fault } from "../shared/errors.ts";
import type { JsonValue } from "../shared/json.ts";
import type { JsonSchema } from "./json-schema.ts";

type Path = readonly (string | number)[];

function typeOf(value: JsonValue): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "bigint") return "integer";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}

/** `an object or null` for `["object", "null"]`. */
function nameOf(types: readonly string[]): string {
  const article = (type: string): string =>
    type === "null" ? type : `${/^[aeiou]/.test(type) ? "an" : "a"} ${type}`;
  return types.map(article).join(" or ");
}

/** What a value is, in words: `an object`. */
export function shapeName(value: JsonValue): string {
  return nameOf([typeOf(value)]);
}

/** Every place where a body has not the shape of a schema of the endpoint table. */
export function checkShape(schema: JsonSchema, value: JsonValue, path: Path): readonly Fault[] {
  const types = typeof schema.type === "string" ? [schema.type] : (schema.type ?? []);
  const actual = typeOf(value);
  if (types.length > 0 && !types.includes(actual)) {
    return [{ path, message: `must be ${nameOf(types)}, not ${shapeName(value)}` }];
  }
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items === undefined) return [];
    return value.flatMap((item: JsonValue, index) => checkShape(items, item, [...path, index]));
  }
  const { properties } = schema;
  if (properties === undefined || actual !== "object") return [];
  const members = value as Readonly<Record<string, JsonValue>>; // `actual` says it is an object
  return Object.entries(properties).flatMap(([name, member]) => {
    const given = Object.hasOwn(members, name) ? members[name] : undefined;
    if (given !== undefined) return checkShape(member, given, [...path, name]);
    return schema.required?.includes(name) === true
      ? [{ path: [...path, name], message: "is required" }]
      : [];
  });
}
