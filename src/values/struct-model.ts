import { isJsonObject, type JsonObject, type JsonValue, ownValue } from "../shared/json.ts";
import { nearestName } from "../shared/nearest-name.ts";
import type { FaultLog } from "./fault-log.ts";
import type { Packable } from "./msgpack-writer.ts";
import { checkKey, packPlain } from "./struct-plain.ts";
import {
  fieldNames,
  fieldSchemas,
  isNullable,
  requiredNames,
  resolveSchema,
  typeNames,
} from "./struct-schema.ts";
import type { StructContext } from "./struct-values.ts";

type Pack = (
  value: JsonValue,
  schema: JsonValue | undefined,
  log: FaultLog,
) => Packable | undefined;

/** Converts an object by an object schema: declared fields in order, absent ones filled, then the rest. */
export function packModel(
  value: JsonObject,
  schema: JsonObject,
  log: FaultLog,
  context: StructContext,
  pack: Pack,
): Packable | undefined {
  const count = log.faults.length;
  const fields = fieldSchemas(schema);
  const names = fieldNames(schema);
  const packed = new Map<string, Packable>();
  const keep = (key: string, result: Packable | undefined): void => {
    if (result !== undefined) packed.set(key, result);
  };
  for (const name of names) {
    if (log.isFull) break;
    const given = ownValue(value, name);
    keep(
      name,
      log.at(name, () =>
        given === undefined
          ? fillField(name, schema, log, context, pack)
          : pack(given, fields[name], log),
      ),
    );
  }
  for (const [key, item] of Object.entries(value)) {
    if (log.isFull) break;
    if (Object.hasOwn(fields, key) || !checkKey(key, log)) continue;
    const extra = extraSchema(schema, context, names.length > 0);
    if (extra === false) log.add(unknownField(key, names), key);
    else
      keep(
        key,
        log.at(key, () => pack(item, extra, log)),
      );
  }
  return log.isFull || log.faults.length > count ? undefined : packed;
}

/** The schema of fields that are not declared; false when there may be none. */
function extraSchema(
  schema: JsonObject,
  context: StructContext,
  declaresFields: boolean,
): JsonObject | false {
  const extra = ownValue(schema, "additionalProperties");
  if (isJsonObject(extra)) return extra;
  if (extra === true) return {};
  return extra === undefined && (context.keepsUnknown || !declaresFields) ? {} : false;
}

function unknownField(key: string, names: readonly string[]): string {
  const near = nearestName(key, names);
  return near === undefined
    ? `unknown field, declared are ${names.join(", ") || "none"}`
    : `unknown field, did you mean ${JSON.stringify(near)}?`;
}

/**
 * The value of an absent field: its default; else, when it is not required, an empty list, object or
 * model. Undefined, which leaves it to the task, where none of these exists.
 */
function fillField(
  name: string,
  schema: JsonObject,
  log: FaultLog,
  context: StructContext,
  pack: Pack,
): Packable | undefined {
  const declared = fieldSchemas(schema)[name];
  const field = resolveSchema(declared, context.root);
  // A default may stand beside a reference as well as within what it leads to.
  for (const place of [declared, field]) {
    const fallback = isJsonObject(place) ? ownValue(place, "default") : undefined;
    if (fallback === undefined) continue;
    return log.attempt((trial) => pack(fallback, field, trial)) ?? packPlain(fallback, log);
  }
  const nullable = isNullable(field, context.root);
  if (requiredNames(schema)?.includes(name) ?? true) {
    if (nullable && !context.keepsUnknown) return null;
    return log.add("required, give a value");
  }
  if (nullable) return null;
  switch (typeNames(field)[0]) {
    case "array":
      return [];
    case "object":
      return log.attempt((trial) => pack({}, field, trial));
    default:
      return undefined;
  }
}
