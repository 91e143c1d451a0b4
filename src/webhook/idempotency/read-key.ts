/** What a client may send as `Idempotency-Key`. */
export const keyRule = "1 to 255 visible ASCII characters, once in a request";

const longest = 255;

/**
 * Reads the value of the header `Idempotency-Key`: a String of structured fields (RFC 9651, 3.3.3), as
 * draft-ietf-httpapi-idempotency-key-header-07 has it, or the same text bare, as most clients send it. Of two
 * headers Node.js makes one value with a space in it, which neither form has.
 *
 * @returns undefined for what is neither
 */
export function readKey(value: string): string | undefined {
  const text = value.startsWith('"') ? unquote(value) : value;
  if (text === undefined || text.length > longest) return undefined;
  return /^[!-~]+$/.test(text) ? text : undefined;
}

function unquote(value: string): string | undefined {
  const [, text] = /^"((?:[^"\\]|\\["\\])*)"$/.exec(value) ?? [];
  return text?.replaceAll(/\\(["\\])/g, "$1");
}
