import { type Fault, FlyteError } from "../shared/errors.ts";
import { isJsonArray, isJsonObject, type JsonValue, parseJson } from "../shared/json.ts";
import { checkShape, shapeName } from "./check-shape.ts";
import { list, map, text } from "./json-schema.ts";
import type { Parameter } from "./parameters.ts";
import { identifierFault } from "./path-parameters.ts";

type Path = Fault["path"];

/** The value of a parameter, or every rule that what was sent breaks. */
export type Converted = { readonly value: JsonValue } | { readonly faults: readonly Fault[] };

/** Longest text of a parameter, in characters. */
export const maxTextLength = 4096;

const booleans: ReadonlyMap<string, boolean> = new Map([
  ...["1", "true", "t", "yes", "y", "on"].map((word) => [word, true] as const),
  ...["0", "false", "f", "no", "n", "off"].map((word) => [word, false] as const),
]);

/** The truth value of a word, as pydantic reads it when it is lax; undefined for others. */
export function readBoolean(given: string): boolean | undefined {
  return booleans.get(given.toLowerCase());
}

function fault(path: Path, message: string): Converted {
  return { faults: [{ path, message }] };
}

function textFault(given: string): string | undefined {
  if (given.length > maxTextLength) return `must not be longer than ${maxTextLength} characters`;
  return given.includes("\0") ? "must not hold a NUL character" : undefined;
}

function atLeast(
  { least = Number.MIN_SAFE_INTEGER }: Parameter,
  value: number,
  path: Path,
): Converted {
  return value >= least ? { value } : fault(path, `must be at least ${least}`);
}

/** Reads the text of a single value, wherever it stood. */
function convertText(parameter: Parameter, given: string, path: Path): Converted {
  switch (parameter.kind) {
    case "boolean": {
      const value = readBoolean(given);
      return value === undefined ? fault(path, "must be a boolean: true or false") : { value };
    }
    case "integer": {
      const value = /^[+-]?\d{1,16}$/.test(given) ? Number(given) : Number.NaN;
      if (!Number.isSafeInteger(value)) return fault(path, "must be an integer");
      return atLeast(parameter, value, path);
    }
    case "identifier":
    case "text": {
      const rule = parameter.kind === "text" ? textFault(given) : identifierFault(given);
      return rule === undefined ? { value: given } : fault(path, rule);
    }
    default:
      return convertJsonText(parameter, given, path);
  }
}

function convertJsonText(parameter: Parameter, given: string, path: Path): Converted {
  try {
    return convertJson(parameter, parseJson(given), path);
  } catch (error) {
    if (!FlyteError.is(error)) throw error;
    return fault(path, `must be JSON here: ${error.message}`);
  }
}

/** Reads what the query holds under a parameter's name: a text, or the list of repeated ones. */
export function convertQuery(parameter: Parameter, given: unknown): Converted {
  const path = ["query", parameter.name];
  const texts = (Array.isArray(given) ? given : [given]).map(String);
  if (parameter.kind === "texts") return convertJson(parameter, texts, path);
  const [single, ...others] = texts;
  if (single === undefined || others.length > 0) return fault(path, "must be given once only");
  return convertText(parameter, single, path);
}

/** Reads a value that came as JSON. Texts are taken for booleans and integers as in a query. */
export function convertJson(parameter: Parameter, given: JsonValue, path: Path): Converted {
  switch (parameter.kind) {
    case "identifier":
    case "text":
      if (typeof given === "string") return convertText(parameter, given, path);
      return { faults: checkShape(text, given, path) };
    case "boolean":
      if (typeof given === "boolean") return { value: given };
      if (given === 0 || given === 1) return { value: given === 1 };
      if (typeof given === "string") return convertText(parameter, given, path);
      return fault(path, `must be a boolean, not ${shapeName(given)}`);
    case "integer":
      if (typeof given === "number" && Number.isSafeInteger(given)) {
        return atLeast(parameter, given, path);
      }
      if (typeof given === "string") return convertText(parameter, given, path);
      return fault(path, `must be an integer of at most 2^53, not ${shapeName(given)}`);
    case "texts":
      return orFaults(given, textsFaults(given, path));
    case "object":
      return orFaults(given, objectFaults(given, path));
    case "json":
      return { value: given };
  }
}

function orFaults(value: JsonValue, faults: readonly Fault[]): Converted {
  return faults.length === 0 ? { value } : { faults };
}

function textsFaults(given: JsonValue, path: Path): readonly Fault[] {
  const faults = checkShape(list(text), given, path);
  if (faults.length > 0 || !isJsonArray(given)) return faults;
  return given.flatMap((item, index) => {
    const rule = typeof item === "string" ? textFault(item) : undefined;
    return rule === undefined ? [] : [{ path: [...path, index], message: rule }];
  });
}

function isScalar(value: JsonValue): boolean {
  return typeof value !== "object" || value === null;
}

function objectFaults(given: JsonValue, path: Path): readonly Fault[] {
  if (!isJsonObject(given)) return checkShape(map("An object."), given, path);
  return Object.entries(given).flatMap(([name, member]) =>
    isScalar(member) || (isJsonArray(member) && member.every(isScalar))
      ? []
      : [{ path: [...path, name], message: "must be a scalar or a list of scalars" }],
  );
}
