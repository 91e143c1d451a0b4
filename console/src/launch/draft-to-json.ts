import { FlyteError } from "../../../src/shared/errors.ts";
import { type JsonObject, type JsonValue, parseJson } from "../../../src/shared/json.ts";
import type { FaultLog } from "../../../src/values/fault-log.ts";
import { toDatetimeValue } from "./datetime-text.ts";
import { choicesOf, type Draft, type DraftOf, type Entry } from "./draft.ts";
import { rowStep } from "./fault-places.ts";
import { toFloatValue, toIntegerValue } from "./number-text.ts";
import type { Shape, ShapeOf } from "./shape.ts";
import { asVariant } from "./variant-names.ts";

/**
 * The JSON of what was entered, as the webhook takes it. What is unfinished is null, and what does not fit is passed on
 * as it is: the conversion to literals says what is wrong with it. Only what cannot be JSON at all is noted here.
 */
export function toJson(draft: Draft, shape: Shape, log: FaultLog): JsonValue {
  switch (draft.kind) {
    case "json":
      return readJsonText(draft.text, log);
    case "text":
      return readText(draft.text, shape);
    case "datetime":
      return draft.text.trim() === "" ? null : toDatetimeValue(draft.text, draft.zone);
    case "choice":
      return draft.at === undefined ? null : (choicesOf(shape)[draft.at] ?? null);
    case "none":
      return null;
    case "parts":
      return joinParts(draft.parts, shape);
    case "list": {
      const item: Shape = shape.kind === "list" ? shape.item : { kind: "json" };
      return draft.rows.map((row, index) => log.at(index, () => toJson(row.draft, item, log)));
    }
    case "map":
      return joinMap(draft, shape.kind === "map" ? shape.item : { kind: "json" }, log);
    case "union":
      return shape.kind === "union" ? chosen(draft, shape, log) : null;
    case "struct":
      return shape.kind === "struct" ? joinStruct(draft.fields, shape, log) : null;
  }
}

function readJsonText(text: string, log: FaultLog): JsonValue {
  if (text.trim() === "") return null;
  try {
    return parseJson(text);
  } catch (error) {
    if (!FlyteError.is(error)) throw error;
    return log.add(`this is no JSON: ${error.message}`) ?? null;
  }
}

function readText(text: string, shape: Shape): JsonValue {
  if (shape.kind === "string") return text;
  if (text.trim() === "") return null;
  if (shape.kind === "integer") return toIntegerValue(text);
  return shape.kind === "float" ? toFloatValue(text) : text.trim();
}

function joinParts(parts: Readonly<Record<string, string>>, shape: Shape): JsonValue {
  const given = Object.entries(parts).filter(([, text]) => text !== "");
  switch (shape.kind) {
    case "binary":
      return parts["tag"]
        ? { base64: "", ...Object.fromEntries(given) }
        : (parts["base64"] ?? null);
    case "error":
      return Object.keys(parts).length === 0 ? null : { message: "", ...Object.fromEntries(given) };
    case "blob":
    case "dataset": {
      const { uri = "", format = "", hash = "" } = parts;
      if (uri === "" && hash === "" && format === shape.format) return null;
      const other = format === shape.format ? {} : { format };
      return { uri, ...other, ...(hash !== "" && { hash }) };
    }
    default:
      return given.length === 0 ? null : Object.fromEntries(given);
  }
}

function joinMap(draft: DraftOf<"map">, item: Shape, log: FaultLog): JsonObject {
  const seen = new Set<string>();
  const entries = draft.rows.map(({ key, draft: value }, index) => {
    // The place of the row and not its key, which may be there twice.
    if (seen.has(key)) log.add(`the key ${JSON.stringify(key)} is given twice`, rowStep(index));
    seen.add(key);
    return [key, log.at(key, () => toJson(value, item, log))] as const;
  });
  return Object.fromEntries(entries);
}

function joinStruct(
  fields: Readonly<Record<string, Entry>>,
  shape: ShapeOf<"struct">,
  log: FaultLog,
): JsonObject {
  const entries = shape.fields.flatMap(({ name, shape: inner }) => {
    const entry = fields[name];
    if (entry === undefined || !entry.isGiven) return [];
    return [[name, log.at(name, () => toJson(entry.draft, inner, log))] as const];
  });
  return Object.fromEntries(entries);
}

function chosen(draft: DraftOf<"union">, shape: ShapeOf<"union">, log: FaultLog): JsonValue {
  const { at } = draft;
  const variant = at === undefined ? undefined : shape.variants[at];
  const inner = at === undefined ? undefined : draft.drafts.get(at);
  if (variant === undefined || variant.shape.kind === "none" || inner === undefined) return null;
  const value = toJson(inner, variant.shape, log);
  return variant.type === undefined ? value : asVariant(value, variant, shape);
}
