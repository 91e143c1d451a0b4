import { isJsonArray, isJsonObject, type JsonValue, stringifyJson } from "../../shared/json.ts";

/** A JSON value as text: the same for values that mean the same, whatever the order of keys and the form of numbers. */
export function canonicalJson(value: JsonValue): string {
  if (isJsonArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (isJsonObject(value)) {
    const members = Object.keys(value)
      .sort()
      .map((key) => `${stringifyJson(key)}:${canonicalJson(value[key] ?? null)}`);
    return `{${members.join(",")}}`;
  }
  // 1e21 and 1000000000000000000000 are read as a number and a bigint.
  if (typeof value === "number" && Number.isInteger(value)) return BigInt(value).toString();
  return stringifyJson(value);
}
