import { type Fault, printPath } from "../../../src/shared/errors.ts";
import type { Draft, DraftOf } from "./draft.ts";
import type { Entries } from "./input-fields.ts";

/** A fault at the control that it is about. */
export interface PlacedFault {
  /** `id` of the control. */
  readonly place: string;
  /** What it is about, as a person finds it: `values[1]`. */
  readonly label: string;
  readonly message: string;
}

/** The `id` of the control of an input. */
export function inputPlace(name: string): string {
  return `in/${encodeURIComponent(name)}`;
}

/** The `id` of the control of a field of a struct. */
export function fieldPlace(place: string, name: string): string {
  return `${place}/${encodeURIComponent(name)}`;
}

/** The `id` of the control of a row, which stays wherever the row is moved. */
export function rowPlace(place: string, id: number): string {
  return `${place}/${id}`;
}

/** The `id` of the key of a row of a map. */
export function keyPlace(place: string, id: number): string {
  return `${rowPlace(place, id)}-key`;
}

type Path = Fault["path"];

/** Finds for each fault the deepest control that shows the value it is about. */
export function placeFaults(
  faults: readonly Fault[],
  entries: Entries,
  placeOf: (name: string) => string,
): readonly PlacedFault[] {
  return faults.map((fault): PlacedFault => {
    const [name, ...path] = fault.path;
    const entry = typeof name === "string" ? entries.get(name) : undefined;
    if (typeof name !== "string" || entry === undefined) {
      return { place: "", label: printPath(fault.path), message: fault.message };
    }
    const found = descend(entry.draft, placeOf(name), path);
    const shown = fault.path.slice(0, fault.path.length - found.rest.length);
    const rest = printPath(found.rest);
    return {
      place: found.place,
      label: printPath(shown.filter((step) => !isRowStep(step))),
      message: rest === "" ? fault.message : `${rest}: ${fault.message}`,
    };
  });
}

/** The messages of each place. */
export function groupFaults(
  faults: readonly PlacedFault[],
): ReadonlyMap<string, readonly string[]> {
  const grouped = new Map<string, string[]>();
  for (const { place, message } of faults) {
    grouped.set(place, [...(grouped.get(place) ?? []), message]);
  }
  return grouped;
}

interface Found {
  readonly place: string;
  /** What leads from the control further into its value. */
  readonly rest: Path;
}

function descend(draft: Draft, place: string, path: Path): Found {
  const union = draft.kind === "union" ? chosenOf(draft) : undefined;
  if (union !== undefined) return descend(union, variantPlace(place), path);
  const [step, ...rest] = path;
  if (step === undefined) return { place, rest: [] };
  const inner = stepInto(draft, place, step);
  if (inner === undefined) return { place, rest: path };
  return inner.draft === undefined
    ? { place: inner.place, rest: [] }
    : descend(inner.draft, inner.place, rest);
}

function chosenOf({ at, drafts }: DraftOf<"union">): Draft | undefined {
  const inner = at === undefined ? undefined : drafts.get(at);
  return inner?.kind === "none" ? undefined : inner;
}

interface Inner {
  readonly place: string;
  /** Undefined for the key of a row, which holds nothing further. */
  readonly draft: Draft | undefined;
}

function stepInto(draft: Draft, place: string, step: string | number): Inner | undefined {
  switch (draft.kind) {
    case "list": {
      const row = typeof step === "number" ? draft.rows[step] : undefined;
      return row && { place: rowPlace(place, row.id), draft: row.draft };
    }
    case "map": {
      const named = isRowStep(step) ? draft.rows[-1 - step] : undefined;
      if (named !== undefined) return { place: keyPlace(place, named.id), draft: undefined };
      const row = draft.rows.find(({ key }) => key === step);
      return row && { place: rowPlace(place, row.id), draft: row.draft };
    }
    case "struct": {
      const entry = Object.hasOwn(draft.fields, step) ? draft.fields[step] : undefined;
      return entry && { place: fieldPlace(place, String(step)), draft: entry.draft };
    }
    default:
      return undefined;
  }
}

/** The `id` of what was entered for the chosen variant of a union. */
export function variantPlace(place: string): string {
  return `${place}/value`;
}

/**
 * Path step of a row of a map as such, for faults of keys that are there twice. No index and no key is like it.
 */
export function rowStep(index: number): number {
  return -1 - index;
}

function isRowStep(step: string | number): step is number {
  return typeof step === "number" && step < 0;
}
