import { parseDurationNanos, printDuration } from "../../../src/shared/duration.ts";
import { FlyteError } from "../../../src/shared/errors.ts";
import {
  isJsonArray,
  isJsonObject,
  type JsonValue,
  ownValue,
  stringifyJson,
} from "../../../src/shared/json.ts";
import { choicesOf, type Draft, emptyDraft, newRow } from "./draft.ts";
import { toNumberText } from "./number-text.ts";
import type { Shape, ShapeOf } from "./shape.ts";
import { takenVariant, withoutName } from "./variant-names.ts";

/** Longer lists and maps are edited as JSON, as nobody wants so many controls. */
export const maxRows = 200;

/** The controls of a value; undefined when they cannot hold it, so that it is edited as JSON. */
export function toDraft(value: JsonValue, shape: Shape): Draft | undefined {
  switch (shape.kind) {
    case "integer":
    case "float":
      return numberDraft(value, shape.kind);
    case "string":
      return typeof value === "string" ? { kind: "text", text: value } : undefined;
    case "duration":
      return durationDraft(value);
    case "datetime":
      return typeof value === "string" ? { kind: "datetime", text: value, zone: "utc" } : undefined;
    case "boolean":
    case "enum": {
      const at = choicesOf(shape).indexOf(value);
      return at < 0 ? undefined : { kind: "choice", at };
    }
    case "none":
      return value === null ? { kind: "none" } : undefined;
    case "binary":
    case "error":
    case "blob":
    case "dataset":
    case "schema":
      return partsDraft(value, shape);
    case "list":
      return listDraft(value, shape.item);
    case "map":
      return mapDraft(value, shape.item);
    case "union":
      return unionDraft(value, shape);
    case "struct":
      return structDraft(value, shape);
    default:
      return undefined;
  }
}

function numberDraft(value: JsonValue, kind: "integer" | "float"): Draft | undefined {
  if (typeof value === "number" || typeof value === "bigint") {
    return { kind: "text", text: toNumberText(value) };
  }
  const isNamed = kind === "float" && typeof value === "string" && /^NaN$|^-?Infinity$/.test(value);
  return isNamed ? { kind: "text", text: value } : undefined;
}

function durationDraft(value: JsonValue): Draft | undefined {
  if (typeof value === "string") return { kind: "text", text: value };
  if (typeof value !== "number") return undefined;
  const printed = printDuration(value * 1000);
  const isExact = nanosOf(printed) === nanosOf(value);
  return { kind: "text", text: isExact ? printed : String(value) };
}

function nanosOf(value: string | number): bigint | undefined {
  try {
    return parseDurationNanos(value);
  } catch (error) {
    if (FlyteError.is(error)) return undefined;
    throw error;
  }
}

/** What the parts of a value are called in JSON, and what may stand there and says nothing. */
const partNames = {
  binary: [["base64", "tag"], ["format"]],
  error: [["message", "failed_node_id"], []],
  blob: [
    ["uri", "format", "hash"],
    ["name", "path", "dimensionality"],
  ],
  dataset: [["uri", "format", "hash"], ["path"]],
  schema: [["uri", "hash"], ["path"]],
} as const;

/** What a text alone stands for. */
const soleNames = {
  binary: "base64",
  error: "message",
  blob: "uri",
  dataset: "uri",
  schema: "uri",
};

function partsDraft(value: JsonValue, shape: ShapeOf<keyof typeof partNames>): Draft | undefined {
  const given: JsonValue = typeof value === "string" ? { [soleNames[shape.kind]]: value } : value;
  if (!isJsonObject(given)) return undefined;
  const [names, silent] = partNames[shape.kind];
  const known: readonly string[] = [...names, ...silent];
  if (Object.keys(given).some((key) => !known.includes(key))) return undefined;
  const parts: Record<string, string> = "format" in shape ? { format: shape.format } : {};
  for (const name of names) {
    const text = ownValue(given, name) ?? (name === "uri" ? ownValue(given, "path") : undefined);
    if (text === undefined || text === null) continue;
    if (typeof text !== "string") return undefined;
    parts[name] = text;
  }
  return { kind: "parts", parts };
}

function listDraft(value: JsonValue, item: Shape): Draft | undefined {
  if (!isJsonArray(value) || value.length > maxRows) return undefined;
  return { kind: "list", rows: value.map((each) => newRow(draftOrJson(each, item))) };
}

function mapDraft(value: JsonValue, item: Shape): Draft | undefined {
  const entries = isJsonObject(value) ? Object.entries(value) : undefined;
  if (entries === undefined || entries.length > maxRows) return undefined;
  const rows = entries.map(([key, each]) => ({ ...newRow(draftOrJson(each, item)), key }));
  return { kind: "map", rows };
}

function structDraft(value: JsonValue, shape: ShapeOf<"struct">): Draft | undefined {
  if (!isJsonObject(value)) return undefined;
  const names = new Set(shape.fields.map(({ name }) => name));
  if (Object.keys(value).some((name) => !names.has(name))) return undefined;
  const entries = shape.fields.map(({ name, shape: inner, fallback }) => {
    const given = ownValue(value, name);
    const shown = given ?? fallback;
    const draft = shown === undefined ? emptyDraft(inner) : draftOrJson(shown, inner);
    return [name, { isGiven: given !== undefined, draft }] as const;
  });
  return { kind: "struct", fields: Object.fromEntries(entries) };
}

function unionDraft(value: JsonValue, shape: ShapeOf<"union">): Draft | undefined {
  // Within structs it is the first that fits.
  const variant =
    shape.type === undefined
      ? shape.variants.find((each) => toDraft(value, each.shape) !== undefined)
      : takenVariant(value, shape);
  if (variant === undefined) return undefined;
  const at = shape.variants.indexOf(variant);
  const inner = shape.type === undefined ? value : withoutName(value, shape);
  return { kind: "union", at, drafts: new Map([[at, draftOrJson(inner, variant.shape)]]) };
}

/** The controls of a value, or its JSON where they cannot hold it. */
export function draftOrJson(value: JsonValue, shape: Shape): Draft {
  return toDraft(value, shape) ?? { kind: "json", text: jsonText(value) };
}

/** JSON as it is edited. */
export function jsonText(value: JsonValue): string {
  const isSmall = isJsonArray(value) && value.every((item) => typeof item !== "object");
  return stringifyJson(value, isSmall ? 0 : 2);
}
