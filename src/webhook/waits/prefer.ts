/** The preferences of a request by name, in lower case; the empty text where one has no value. */
export type Preferences = ReadonlyMap<string, string>;

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const quoted =
  '"(?:[\\t \\x21\\x23-\\x5b\\x5d-\\x7e\\x80-\\xff]|\\\\[\\t \\x21-\\x7e\\x80-\\xff])*"';
const word = `(${token})(?:[ \\t]*=[ \\t]*(${token}|${quoted}))?`;
const preference = new RegExp(`^[ \\t]*${word}[ \\t]*(?:;|$)`);

/** Longest header that is looked at; RFC 7240 has no preference that needs more. */
const longest = 4096;

/**
 * Reads the header `Prefer` (RFC 7240), several of them joined by commas. Of a preference that is there twice the
 * first counts, as section 2 has it. What does not follow the grammar, and parameters, are passed over: a
 * preference may always be ignored.
 */
export function readPrefer(header: string | undefined): Preferences {
  const preferences = new Map<string, string>();
  if (header === undefined || header.length > longest) return preferences;
  for (const element of splitList(header)) {
    const [, name, value = ""] = preference.exec(element) ?? [];
    if (name === undefined) continue;
    const key = name.toLowerCase();
    if (!preferences.has(key)) preferences.set(key, unquoted(value));
  }
  return preferences;
}

/** The elements of a list, at the commas that stand in no quoted text; one quote alone reaches to the end. */
function splitList(header: string): readonly string[] {
  return header.match(/(?:[^",]|"(?:[^"\\]|\\.)*(?:"|\\?$))+/gs) ?? [];
}

function unquoted(value: string): string {
  return value.startsWith('"') ? value.slice(1, -1).replaceAll(/\\(.)/gs, "$1") : value;
}
