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
  return typeof value === "number" ? plainNumber(value) : stringifyJson(value);
}

/** Without an exponent above zero: 1e21 is read as a number, 1000000000000000000000 as a bigint. */
function plainNumber(value: number): string {
  const [mantissa = "", exponent] = stringifyJson(value).split("e+");
  if (exponent === undefined) return mantissa;
  const [whole = "", fraction = ""] = mantissa.split(".");
  return whole + fraction.padEnd(Number(exponent), "0");
}
