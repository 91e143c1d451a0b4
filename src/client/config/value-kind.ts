/** One kind of configuration value: how it is written, and how it is read. */
export interface ValueKind<Value> {
  /** What a valid value looks like, to complete the sentence "expected …". */
  readonly expected: string;
  /** The value of what a YAML file gives; undefined when it is not of this kind. */
  read(value: unknown): Value | undefined;
  /** The value of an environment variable's text; undefined when it is not of this kind. */
  readText(text: string): Value | undefined;
}

const truths: ReadonlySet<string> = new Set(["true", "1", "yes", "on"]);
const untruths: ReadonlySet<string> = new Set(["false", "0", "no", "off"]);

function readFlag(text: string): boolean | undefined {
  const word = text.toLowerCase();
  if (truths.has(word)) return true;
  return untruths.has(word) ? false : undefined;
}

/** Text of one line; a number in a file is taken as it is printed. */
export const textKind: ValueKind<string> = {
  expected: "text",
  read: (value) => (typeof value === "number" ? String(value) : readLine(value)),
  readText: readLine,
};

function readLine(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  const text = value.trim();
  return text === "" || hasControl(text) ? undefined : text;
}

function hasControl(text: string): boolean {
  return [...text].some((character) => character < " " || character === "\u007f");
}

/** A truth value, really parsed: the text `false` is false. */
export const flagKind: ValueKind<boolean> = {
  expected: "true or false (also 1 or 0)",
  read(value) {
    if (typeof value === "boolean") return value;
    return value === 0 || value === 1 || typeof value === "string"
      ? readFlag(String(value).trim())
      : undefined;
  },
  readText: readFlag,
};

/** A list of texts; as text, a JSON array or words separated by spaces. */
export const listKind: ValueKind<readonly string[]> = {
  expected: 'a list of texts (in a variable: a JSON array such as ["a","b"], or words)',
  read: readTexts,
  readText(text) {
    if (!text.startsWith("[")) return text.split(/\s+/);
    return readTexts(readJson(text));
  },
};

function readTexts(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  return value.every((item) => typeof item === "string") ? value : undefined;
}

/** A map from text to text; as text, a JSON object. */
export const mapKind: ValueKind<Readonly<Record<string, string>>> = {
  expected: 'a map of texts (in a variable: a JSON object such as {"a":"b"})',
  read: readMap,
  readText: (text) => readMap(readJson(text)),
};

function readMap(value: unknown): Readonly<Record<string, string>> | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const entries = Object.entries(value);
  return entries.every(([, item]) => typeof item === "string")
    ? Object.fromEntries(entries)
    : undefined;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON is one way of not being of the kind; the caller names the variable and the rule.
    return undefined;
  }
}

/** One of a closed set of words, spelled exactly. */
export function choiceKind<Choice extends string>(choices: readonly Choice[]): ValueKind<Choice> {
  const pick = (value: unknown): Choice | undefined => choices.find((choice) => choice === value);
  return {
    expected: `one of ${choices.join(", ")}`,
    read: pick,
    readText: pick,
  };
}
