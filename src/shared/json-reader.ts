import { FlyteError } from "./errors.ts";
import type { JsonValue } from "./json.ts";

/** No supported number needs more digits; converting unbounded ones takes unbounded time. */
const maxIntegerDigits = 400;

/**
 * Reads a JSON text token by token: slower than `JSON.parse`, but exact about integers, repeated
 * keys, nesting and the place of a fault.
 *
 * @throws {@link FlyteError} `invalid_input` with the line, column and offset of the fault.
 * @internal
 */
export function readJson(text: string, maxDepth: number): JsonValue {
  const reader = new JsonReader(text, maxDepth);
  return reader.read();
}

class JsonReader {
  readonly #text: string;
  readonly #maxDepth: number;
  #at = 0;
  #depth = 0;

  constructor(text: string, maxDepth: number) {
    this.#text = text;
    this.#maxDepth = maxDepth;
  }

  read(): JsonValue {
    this.#skipSpace();
    const value = this.#value();
    this.#skipSpace();
    if (this.#at < this.#text.length) this.#fail("nothing may follow the value");
    return value;
  }

  #value(): JsonValue {
    const first = this.#text[this.#at];
    switch (first) {
      case "{":
        return this.#object();
      case "[":
        return this.#array();
      case '"':
        return this.#string();
      case "t":
        return this.#word("true", true);
      case "f":
        return this.#word("false", false);
      case "n":
        return this.#word("null", null);
      default:
        return this.#number();
    }
  }

  #object(): JsonValue {
    this.#enter();
    const entries = new Map<string, JsonValue>();
    this.#skipSpace();
    if (!this.#take("}")) {
      do {
        this.#skipSpace();
        const start = this.#at;
        if (this.#text[start] !== '"') this.#fail("expected a key in double quotes");
        const key = this.#string();
        if (key === "__proto__") this.#fail('the key "__proto__" is not allowed', start);
        if (entries.has(key)) this.#fail(`the key ${quote(key)} is given twice`, start);
        this.#skipSpace();
        if (!this.#take(":")) this.#fail(`expected ":" after the key ${quote(key)}`);
        this.#skipSpace();
        entries.set(key, this.#value());
        this.#skipSpace();
      } while (this.#take(","));
      if (!this.#take("}")) this.#fail('expected "," or "}"');
    }
    this.#depth -= 1;
    return Object.fromEntries(entries);
  }

  #array(): JsonValue {
    this.#enter();
    const items: JsonValue[] = [];
    this.#skipSpace();
    if (!this.#take("]")) {
      do {
        this.#skipSpace();
        items.push(this.#value());
        this.#skipSpace();
      } while (this.#take(","));
      if (!this.#take("]")) this.#fail('expected "," or "]"');
    }
    this.#depth -= 1;
    return items;
  }

  #enter(): void {
    this.#depth += 1;
    if (this.#depth > this.#maxDepth) {
      this.#fail(`arrays and objects may be nested at most ${this.#maxDepth} deep`);
    }
    this.#at += 1;
  }

  #string(): string {
    const start = this.#at;
    for (let at = start + 1; at < this.#text.length; at += 1) {
      const code = this.#text.charCodeAt(at);
      if (code === 0x22) {
        this.#at = at + 1;
        return this.#unescape(start);
      }
      if (code === 0x5c) at += 1;
      else if (code < 0x20) this.#fail("control characters in strings must be escaped", at);
    }
    return this.#fail("the string has no end", start);
  }

  #unescape(start: number): string {
    const token = this.#text.slice(start, this.#at);
    if (!token.includes("\\")) return token.slice(1, -1);
    const fault = /\\(?!["\\/bfnrt]|u[0-9a-fA-F]{4})/.exec(token.replaceAll("\\\\", "__"));
    if (fault !== null) this.#fail("unknown escape in a string", start + fault.index);
    // The token was checked to be a JSON string.
    return JSON.parse(token) as string;
  }

  #number(): JsonValue {
    const pattern = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
    const start = this.#at;
    pattern.lastIndex = start;
    const match = pattern.exec(this.#text);
    if (match === null) this.#fail(start < this.#text.length ? "expected a value" : "text ended");
    const [token, fraction, exponent] = match;
    this.#at = pattern.lastIndex;
    const value = Number(token);
    if (fraction === undefined && exponent === undefined && !Number.isSafeInteger(value)) {
      if (token.length > maxIntegerDigits) {
        this.#fail(`integers may have at most ${maxIntegerDigits} digits`, start);
      }
      return BigInt(token);
    }
    if (!Number.isFinite(value)) this.#fail("the number is beyond the range of a double", start);
    return value;
  }

  #word(word: string, value: JsonValue): JsonValue {
    if (!this.#text.startsWith(word, this.#at)) this.#fail("expected a value");
    this.#at += word.length;
    return value;
  }

  #take(char: string): boolean {
    if (this.#text[this.#at] !== char) return false;
    this.#at += 1;
    return true;
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at += 1;
    }
  }

  #fail(rule: string, at: number = this.#at): never {
    const before = this.#text.slice(0, at);
    const line = before.split("\n").length;
    const column = at - before.lastIndexOf("\n");
    const message = `JSON at line ${line}, column ${column} (offset ${at}): ${rule}`;
    throw new FlyteError("invalid_input", message, { faults: [{ path: [], message }] });
  }
}

function quote(key: string): string {
  return JSON.stringify(key.length > 80 ? `${key.slice(0, 80)}…` : key);
}
