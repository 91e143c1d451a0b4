import {
  isJsonArray,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  ownValue,
} from "../../shared/json.ts";

/** A part of a document: the value, and the fragment that leads to it. */
interface Place {
  readonly value: JsonObject;
  readonly pointer: string;
}

/** A step of a JSON pointer (RFC 6901) inside a URI fragment. */
function step(name: string | number): string {
  return `/${encodeURIComponent(String(name).replaceAll("~", "~0").replaceAll("/", "~1"))}`;
}

/** The fragment that leads along these names from the root of a document. */
export function pointerTo(...names: readonly string[]): string {
  return `#${names.map(step).join("")}`;
}

function namesOf(reference: string): readonly string[] | undefined {
  if (reference !== "#" && !reference.startsWith("#/")) return undefined;
  try {
    return reference
      .split("/")
      .slice(1)
      .map((part) => decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~"));
  } catch {
    return undefined; // malformed percent-encoding leads nowhere
  }
}

/** Where a reference leads to from the root it was written for; undefined when that is nowhere. */
function rebased(reference: string, root: Place): string | undefined {
  const names = namesOf(reference);
  if (names === undefined) return undefined;
  let current: JsonValue | undefined = root.value;
  for (const name of names) {
    if (isJsonObject(current)) current = ownValue(current, name);
    else if (isJsonArray(current) && /^\d+$/.test(name)) current = current[Number(name)];
    else return undefined;
  }
  if (current === undefined) return undefined;
  return root.pointer + names.map(step).join("");
}

function rebase(value: JsonValue, pointer: string, outer: Place): JsonValue {
  if (isJsonArray(value)) {
    return value.map((item, index) => rebase(item, pointer + step(index), outer));
  }
  if (!isJsonObject(value)) return value;
  const root = isJsonObject(ownValue(value, "$defs")) ? { value, pointer } : outer;
  const members = Object.entries(value).flatMap(([name, member]) => {
    if (name !== "$ref" || typeof member !== "string") {
      return [[name, rebase(member, pointer + step(name), root)] as const];
    }
    const target = rebased(member, root);
    return target === undefined ? [] : [[name, target] as const];
  });
  return Object.fromEntries(members);
}

/**
 * A schema as it has to read at a place inside a document: references, which begin at the part with
 * the `$defs`, begin at the root of the document instead. One that leads nowhere is left out, so that
 * any value is taken there.
 *
 * @param pointer - the place, see {@link pointerTo}
 */
export function rebaseReferences(schema: JsonObject, pointer: string): JsonValue {
  return rebase(schema, pointer, { value: schema, pointer });
}
