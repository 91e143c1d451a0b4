import type { Literal, LiteralType } from "../idl/literals.ts";
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from "../shared/json.ts";
import type { FaultLog } from "./fault-log.ts";
import { makeBinary } from "./make-literal.ts";
import { type Packable, writeMsgpack } from "./msgpack-writer.ts";
import { integerFromJson, numberToJson } from "./plain-values.ts";
import { packPlain } from "./struct-plain.ts";
import {
  alternatives,
  fieldSchemas,
  resolveSchema,
  structSchema,
  typeNames,
} from "./struct-schema.ts";
import { packBySchema } from "./struct-values.ts";
import { printValue } from "./type-names.ts";

const pydanticTag = "Pydantic Transformer";

/**
 * Converts an object to a struct literal: MessagePack of the object as it is, or, when the type carries
 * a JSON schema, of its fields in schema order with defaults filled and numbers as the schema says.
 * Models of pydantic keep unknown fields; dataclasses refuse them.
 */
export function toStruct(value: JsonValue, type: LiteralType, log: FaultLog): Literal | undefined {
  if (!isJsonObject(value)) return log.add(`expected an object, got ${printValue(value)}`);
  const root = structSchema(type);
  const packed: Packable | undefined =
    root === undefined
      ? packPlain(value, log)
      : packBySchema(value, root, log, {
          root,
          keepsUnknown: type.structure?.tag === pydanticTag,
        });
  return packed === undefined ? undefined : makeBinary(writeMsgpack(packed), "msgpack");
}

/**
 * Reads a decoded struct by the schema of its type: numbers of integer fields are exact integers, those
 * of float fields are doubles. What does not match the schema stays as it is.
 */
export function readStruct(value: JsonValue, type: LiteralType | undefined): JsonValue {
  const root = structSchema(type);
  return root === undefined ? value : readBySchema(value, root, root);
}

function readBySchema(value: JsonValue, given: JsonValue | undefined, root: JsonObject): JsonValue {
  const schema = resolveSchema(given, root);
  if (typeof value === "number" || typeof value === "bigint") return readNumber(value, schema);
  if (isJsonArray(value)) {
    const { items } = schema;
    return items === undefined ? value : value.map((item) => readBySchema(item, items, root));
  }
  if (!isJsonObject(value)) return value;
  const model = alternatives(schema) === undefined ? schema : objectAlternative(schema, root);
  const fields = fieldSchemas(model);
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      readBySchema(
        item,
        Object.hasOwn(fields, key) ? fields[key] : model["additionalProperties"],
        root,
      ),
    ]),
  );
}

function readNumber(value: number | bigint, schema: JsonObject): JsonValue {
  const names = typeNames(schema);
  if (names.includes("integer")) return numberToJson(integerFromJson(value) ?? value);
  return names.includes("number") ? Number(value) : value;
}

/** The only alternative that is an object; with several it is open which one the value came from. */
function objectAlternative(schema: JsonObject, root: JsonObject): JsonObject {
  const objects = (alternatives(schema) ?? [])
    .map((option) => resolveSchema(option, root))
    .filter((option) => typeNames(option).includes("object"));
  const [first] = objects;
  return objects.length === 1 && first !== undefined ? first : {};
}
