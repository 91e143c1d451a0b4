import type { JsonValue } from "../../../src/shared/json.ts";
import type { Shape } from "./shape.ts";

/**
 * What a person has entered for a value, as it stands in the controls: it may be unfinished or wrong, and nothing of
 * it is lost on the way to JSON and back.
 */
export type Draft =
  | { readonly kind: "text"; readonly text: string }
  /** A datetime, with the zone that is meant where the text names none. */
  | { readonly kind: "datetime"; readonly text: string; readonly zone: Zone }
  /** One of the values of an enum or boolean, by its place; undefined before the choice. */
  | { readonly kind: "choice"; readonly at: number | undefined }
  | { readonly kind: "none" }
  /** Several texts by name: address and format of a file, bytes and tag, message of an error. */
  | { readonly kind: "parts"; readonly parts: Readonly<Record<string, string>> }
  | { readonly kind: "list"; readonly rows: readonly Row[] }
  | { readonly kind: "map"; readonly rows: readonly MapRow[] }
  /** The chosen variant, and what was entered for each. */
  | {
      readonly kind: "union";
      readonly at: number | undefined;
      readonly drafts: ReadonlyMap<number, Draft>;
    }
  | { readonly kind: "struct"; readonly fields: Readonly<Record<string, Entry>> }
  /** Edited as JSON. */
  | { readonly kind: "json"; readonly text: string; readonly before?: BeforeJson };

export type DraftOf<Kind extends Draft["kind"]> = Extract<Draft, { readonly kind: Kind }>;

export type Zone = "local" | "utc";

/** What was in the form before a value was edited as JSON. */
export interface BeforeJson {
  readonly draft: Draft;
  /** The text that was made of it. */
  readonly text: string;
}

/** A value that may be left out: an input with a default, a field of a struct. */
export interface Entry {
  readonly isGiven: boolean;
  readonly draft: Draft;
}

export interface Row {
  /** Stays with the row wherever it is moved. */
  readonly id: number;
  readonly draft: Draft;
}

export interface MapRow extends Row {
  readonly key: string;
}

let lastId = 0;

/** A row of a list that there was not before. */
export function newRow(draft: Draft): Row {
  lastId += 1;
  return { id: lastId, draft };
}

/** What stands in the controls before anything is entered. */
export function emptyDraft(shape: Shape): Draft {
  switch (shape.kind) {
    case "datetime":
      return { kind: "datetime", text: "", zone: shape.isDate ? "utc" : "local" };
    case "boolean":
      return { kind: "choice", at: undefined };
    case "enum":
      return { kind: "choice", at: shape.values.length === 1 ? 0 : undefined };
    case "none":
      return { kind: "none" };
    case "binary":
    case "error":
      return { kind: "parts", parts: {} };
    case "blob":
    case "dataset":
      return { kind: "parts", parts: { format: shape.format } };
    case "schema":
      return { kind: "parts", parts: {} };
    case "list":
      return { kind: "list", rows: [] };
    case "map":
      return { kind: "map", rows: [] };
    case "union": {
      const none = shape.variants.findIndex((variant) => variant.shape.kind === "none");
      return { kind: "union", at: none < 0 ? undefined : none, drafts: new Map() };
    }
    case "struct":
      return {
        kind: "struct",
        fields: Object.fromEntries(
          shape.fields.map(({ name, shape: inner }) => [
            name,
            { isGiven: isComplete(inner), draft: emptyDraft(inner) },
          ]),
        ),
      };
    case "json":
      return { kind: "json", text: "" };
    default:
      return { kind: "text", text: "" };
  }
}

/** Whether what stands in the controls before anything is entered is a value already. */
export function isComplete(shape: Shape): boolean {
  return shape.kind === "none" || (shape.kind === "enum" && shape.values.length === 1);
}

/** The values that a choice is among. */
export function choicesOf(shape: Shape): readonly JsonValue[] {
  if (shape.kind === "boolean") return [true, false];
  return shape.kind === "enum" ? shape.values : [];
}
