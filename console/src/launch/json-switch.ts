import { FlyteError } from "../../../src/shared/errors.ts";
import { type JsonValue, parseJson } from "../../../src/shared/json.ts";
import { FaultLog } from "../../../src/values/fault-log.ts";
import { type Draft, type DraftOf, emptyDraft } from "./draft.ts";
import { toJson } from "./draft-to-json.ts";
import { jsonText, toDraft } from "./json-to-draft.ts";
import type { Shape } from "./shape.ts";

/** The same value to be edited as JSON. What was in the form is remembered. */
export function toJsonDraft(draft: Draft, shape: Shape): DraftOf<"json"> {
  const value = toJson(draft, shape, new FaultLog());
  const text = value === null && shape.kind !== "none" ? "" : jsonText(value);
  return { kind: "json", text, before: { draft, text } };
}

/** The same value in the form, or why it cannot be. */
export type FormDraft = { readonly draft: Draft } | { readonly refusal: string };

/** The same value to be edited in the form: as it stood there when the JSON was not changed since. */
export function toFormDraft({ text, before }: DraftOf<"json">, shape: Shape): FormDraft {
  if (before !== undefined && before.text === text) return { draft: before.draft };
  if (text.trim() === "") return { draft: emptyDraft(shape) };
  let value: JsonValue;
  try {
    value = parseJson(text);
  } catch (error) {
    if (!FlyteError.is(error)) throw error;
    return { refusal: `This is no JSON: ${error.message}` };
  }
  const draft = toDraft(value, shape);
  if (draft !== undefined) return { draft };
  return { refusal: "The form has no place for this value. Change it, or go on with JSON." };
}
