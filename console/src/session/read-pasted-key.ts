/** What was pasted where a key is asked for: the key in it, or what is wrong in words. */
export type PastedKey = { readonly key: string } | { readonly fault: string };

/** Longer is no key of a devbox, nor a token got with one. */
const maxLength = 8_192;

/**
 * The key in what people copy: alone, in quotes, as a header line, as an argument of curl, or as an assignment to an
 * environment variable.
 */
export function readPastedKey(pasted: string): PastedKey {
  let text = pasted.trim();
  for (let before = ""; before !== text; ) {
    before = text;
    text = (quoted.exec(text)?.groups?.["inner"] ?? text.replace(wrapping, "")).trim();
  }
  if (text === "") return { fault: "Enter an API key." };
  if (/^\$\{?\w+\}?$/.test(text)) {
    return { fault: "This is the name of a variable. Enter the key that it holds." };
  }
  if (text.length > maxLength) return { fault: "This is too long to be an API key." };
  // What no header can carry cannot be a key.
  if (!/^[\x21-\x7e]+$/.test(text)) {
    return { fault: "An API key has no spaces, line breaks or signs beyond ASCII." };
  }
  return { key: text };
}

/** What stands before a key on a line: of a shell, of curl, of a header, of JSON. */
const wrapping =
  /^(?:export\s+|set\s+|-H\s*|--header[\s=]+|\$env:|FLYTE_API_KEY\s*=\s*|["']?(?:flyte-)?authorization["']?\s*:\s*|bearer\s+)/i;

const quoted = /^(?<quote>["'`])(?<inner>(?:(?!\k<quote>).)*)\k<quote>[;,]?$/s;
