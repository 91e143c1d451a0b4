import { isJsonArray, type JsonValue } from "../../../src/shared/json.ts";

/** How a language writes values. */
interface Language {
  /** Null, true and false. */
  readonly words: readonly [string, string, string];
  readonly text: (text: string) => string;
  readonly key: (text: string) => string;
  readonly number: (value: number | bigint) => string;
  readonly indent: string;
  /** Within the brackets of an object on one line. */
  readonly space: string;
  /** After the last item of several lines. */
  readonly lastComma: string;
}

/** What could hide, reorder or break text: written as escapes, so that what is read is what is copied. */
const hidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\ufffe\uffff]/gu;

function quote(text: string, toEscape: (found: string) => string): string {
  return `"${text.replace(/["\\]/g, "\\$&").replace(hidden, toEscape)}"`;
}

/** As JSON and JavaScript have it: each half of a pair for itself. */
function escapeUnits(found: string): string {
  const units = Array.from({ length: found.length }, (_, index) => found.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}

function escapePoint(found: string): string {
  const point = found.codePointAt(0) ?? 0;
  return point > 0xffff ? `\\U${point.toString(16).padStart(8, "0")}` : escapeUnits(found);
}

function signed(value: number | bigint): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

const json: Language = {
  words: ["null", "true", "false"],
  text: (text) => quote(text, escapeUnits),
  key: (text) => quote(text, escapeUnits),
  number: (value) =>
    typeof value === "number" && !Number.isFinite(value) ? "null" : signed(value),
  indent: "  ",
  space: " ",
  lastComma: "",
};

const typeScript: Language = {
  ...json,
  key: (text) => {
    // Otherwise it would be the prototype of the object.
    if (text === "__proto__") return `["__proto__"]`;
    return /^[A-Za-z_$][\w$]*$/.test(text) ? text : quote(text, escapeUnits);
  },
  number: (value) => (typeof value === "bigint" ? `${value}n` : signed(value)),
  lastComma: ",",
};

const python: Language = {
  words: ["None", "True", "False"],
  text: (text) => quote(text, escapePoint),
  key: (text) => quote(text, escapePoint),
  number: (value) => {
    if (Object.is(value, -0)) return "-0.0";
    const isOdd = typeof value === "number" && !Number.isFinite(value);
    return isOdd ? `float("${value}")` : String(value);
  },
  indent: "    ",
  space: "",
  lastComma: ",",
};

/** A value as JSON of which nothing is hidden, on several lines when it is long. */
export const toJsonText = (value: JsonValue): string => write(value, json, "");
/** A value as TypeScript. @param line - the indentation of the line it begins on */
export const toTypeScript = (value: JsonValue, line = ""): string => write(value, typeScript, line);
/** A value as Python. @param line - the indentation of the line it begins on */
export const toPython = (value: JsonValue, line = ""): string => write(value, python, line);

/** Longer values are written on several lines. */
const width = 64;

function write(value: JsonValue, language: Language, line: string): string {
  if (typeof value === "string") return language.text(value);
  if (typeof value === "number" || typeof value === "bigint") return language.number(value);
  if (typeof value !== "object" || value === null) {
    return language.words[value === null ? 0 : value ? 1 : 2];
  }
  const inner = line + language.indent;
  const items = isJsonArray(value)
    ? value.map((item) => write(item, language, inner))
    : Object.entries(value).map(
        ([key, item]) => `${language.key(key)}: ${write(item, language, inner)}`,
      );
  const [open, close] = isJsonArray(value) ? ["[", "]"] : ["{", "}"];
  const size = items.reduce((sum, item) => sum + item.length + 2, 0);
  const isFlat = size <= width && !items.some((item) => item.includes("\n"));
  if (isFlat) {
    const space = open === "{" && items.length > 0 ? language.space : "";
    return `${open}${space}${items.join(", ")}${space}${close}`;
  }
  const body = items.map((item) => `\n${inner}${item}`).join(",");
  return `${open}${body}${language.lastComma}\n${line}${close}`;
}
