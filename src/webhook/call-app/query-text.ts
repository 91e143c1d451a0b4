import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from "../../shared/json.ts";

/**
 * The query of a request, form-encoded: a list is its items under the same name one after another,
 * and null is nothing.
 */
export function toQueryText(parameters: JsonObject): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const item of isJsonArray(value) ? value : [value]) {
      if (item !== null) query.append(name, String(item));
    }
  }
  return query.toString();
}

/** The same as the original makes it: each value as Python prints it, lists included. */
export function toUpstreamQueryText(parameters: JsonObject): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    query.append(name, typeof value === "string" ? value : toPythonText(value));
  }
  return query.toString();
}

function toPythonText(value: JsonValue): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "string") return quote(value);
  if (isJsonArray(value)) return `[${value.map(toPythonText).join(", ")}]`;
  if (!isJsonObject(value)) return String(value);
  const members = Object.entries(value).map(([key, member]) => [quote(key), toPythonText(member)]);
  return `{${members.map((pair) => pair.join(": ")).join(", ")}}`;
}

function quote(text: string): string {
  const escaped = text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\t", "\\t");
  if (!text.includes("'")) return `'${escaped}'`;
  return text.includes('"') ? `'${escaped.replaceAll("'", "\\'")}'` : `"${escaped}"`;
}
