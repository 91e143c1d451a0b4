import { readFile } from "node:fs/promises";
import { text as readAll } from "node:stream/consumers";
import { FlyteError } from "../shared/errors.ts";
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from "../shared/json.ts";

/** The inputs of a run as they were written on the command line. */
export interface WrittenInputs {
  /** `--inputs`, read. */
  readonly all: JsonObject;
  /** Each `--input`: its name and text. */
  readonly single: Readonly<Record<string, string>>;
}

/**
 * Reads `--inputs` (JSON, `@FILE` or `-`) and the `name=value` of each `--input`.
 *
 * @throws FlyteError `invalid_input` naming the option
 */
export async function readInputs(
  all: string | undefined,
  single: readonly string[],
): Promise<WrittenInputs> {
  const pairs = parsePairs(single, "--input");
  return { all: all === undefined ? {} : await readObject(all), single: pairs };
}

/**
 * The inputs object: that of `--inputs`, with each `--input` laid over it. The value of an `--input`
 * is JSON where it reads as JSON of a type the task takes, and text otherwise: `5` is text for a
 * string input and a number for an integer.
 *
 * @param schema JSON Schema of the task's inputs
 */
export function toInputsObject({ all, single }: WrittenInputs, schema: JsonObject): JsonObject {
  const properties = isJsonObject(schema["properties"]) ? schema["properties"] : {};
  const entries = Object.entries(single).map(([name, text]): [string, JsonValue] => [
    name,
    toValue(text, Object.hasOwn(properties, name) ? properties[name] : undefined),
  ]);
  return { ...all, ...Object.fromEntries(entries) };
}

/** Reads `name=value` pairs. @throws FlyteError `invalid_input` naming the option */
export function parsePairs(
  pairs: readonly string[],
  option: string,
): Readonly<Record<string, string>> {
  const entries = pairs.map((pair): [string, string] => {
    const equals = pair.indexOf("=");
    if (equals < 1) {
      throw new FlyteError(
        "invalid_input",
        `${option} ${JSON.stringify(pair)} has no name and value. Write ${option} name=value.`,
      );
    }
    return [pair.slice(0, equals), pair.slice(equals + 1)];
  });
  return Object.fromEntries(entries);
}

async function readObject(source: string): Promise<JsonObject> {
  const text = await readSource(source);
  let value: JsonValue;
  try {
    value = parseJson(text);
  } catch (error) {
    if (!FlyteError.is(error)) throw error;
    throw new FlyteError("invalid_input", `--inputs is not JSON: ${error.message}`, {
      cause: error,
    });
  }
  if (isJsonObject(value)) return value;
  const kind = value === null ? "null" : Array.isArray(value) ? "an array" : `a ${typeof value}`;
  throw new FlyteError(
    "invalid_input",
    `--inputs must be a JSON object such as {"x": 1}, not ${kind}.`,
  );
}

async function readSource(source: string): Promise<string> {
  if (source === "-") return readAll(process.stdin);
  if (!source.startsWith("@")) return source;
  try {
    return await readFile(source.slice(1), "utf8");
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? "unknown error";
    const message = `--inputs ${source}: the file cannot be read (${reason}).`;
    throw new FlyteError("invalid_input", message, { cause: error });
  }
}

function toValue(text: string, schema: JsonValue | undefined): JsonValue {
  let value: JsonValue;
  try {
    value = parseJson(text);
  } catch (error) {
    if (FlyteError.is(error)) return text;
    throw error;
  }
  return !takes(schema, value) && takes(schema, text) ? text : value;
}

/** Whether a schema takes values of this one's type; what is inside is for the conversion to say. */
function takes(schema: JsonValue | undefined, value: JsonValue): boolean {
  if (schema === undefined || !isJsonObject(schema)) return true;
  const choices = schema["anyOf"] ?? schema["oneOf"];
  if (Array.isArray(choices)) return choices.some((choice) => takes(choice, value));
  const allowed = schema["enum"];
  if (Array.isArray(allowed)) return allowed.some((one) => one === value);
  const { type } = schema as { readonly type?: JsonValue };
  if (type === undefined) return true;
  return (Array.isArray(type) ? type : [type]).some((name) =>
    typesOf(value).includes(String(name)),
  );
}

function typesOf(value: JsonValue): readonly string[] {
  if (value === null) return ["null"];
  if (Array.isArray(value)) return ["array"];
  if (typeof value === "bigint" || Number.isInteger(value)) return ["integer", "number"];
  return [typeof value];
}
