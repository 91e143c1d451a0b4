import { readFile } from "node:fs/promises";
import { text as readAll } from "node:stream/consumers";
import { FlyteError } from "../shared/errors.ts";
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from "../shared/json.ts";

/**
 * The inputs of a run from the command line: the JSON object of `--inputs`, with each `--input`
 * laid over it. The value of an `--input` is JSON where it reads as JSON, and text otherwise.
 *
 * @throws FlyteError `invalid_input` naming the option
 */
export async function readInputs(
  all: string | undefined,
  single: readonly string[],
): Promise<JsonObject> {
  const given = all === undefined ? {} : await readObject(all);
  const pairs = Object.entries(parsePairs(single, "--input"));
  return { ...given, ...Object.fromEntries(pairs.map(([name, text]) => [name, toValue(text)])) };
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
  const value = parseJson(await readSource(source));
  if (isJsonObject(value)) return value;
  throw new FlyteError(
    "invalid_input",
    `--inputs must be a JSON object such as {"x": 1}, not ${value === null ? "null" : Array.isArray(value) ? "an array" : `a ${typeof value}`}.`,
  );
}

async function readSource(source: string): Promise<string> {
  if (source === "-") return readAll(process.stdin);
  if (!source.startsWith("@")) return source;
  try {
    return await readFile(source.slice(1), "utf8");
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? "unknown error";
    throw new FlyteError(
      "invalid_input",
      `--inputs ${source}: the file cannot be read (${reason}).`,
      {
        cause: error,
      },
    );
  }
}

function toValue(text: string): JsonValue {
  try {
    return parseJson(text);
  } catch (error) {
    if (FlyteError.is(error)) return text;
    throw error;
  }
}
