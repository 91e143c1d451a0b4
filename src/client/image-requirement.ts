const name = "[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?";
const extras = `\\[ *${name}(?: *, *${name})* *\\]`;
const clause = "(?:===|~=|==|!=|<=|>=|<|>) *[A-Za-z0-9][A-Za-z0-9._*+!-]*";
const versions = `${clause}(?: *, *${clause})*`;
const address = "@ *(?:git\\+)?https?://[A-Za-z0-9][A-Za-z0-9._~:/?#@+,=%-]*";
const operand = `(?:[a-z_]+|"[A-Za-z0-9._+ -]*"|'[A-Za-z0-9._+ -]*')`;
const operator = "(?: *(?:===|~=|==|!=|<=|>=|<|>) *| +(?:not +in|in) +)";
const comparison = `${operand}${operator}${operand}`;
const marker = `; *${comparison}(?: +(?:and|or) +${comparison})*`;

// Spaces stand before what they lead to: two optional runs side by side would match in many ways.
const requirement = new RegExp(
  `^${name}(?: *${extras})?(?: *(?:${versions}|${address}))?(?: *${marker})?$`,
);

const mostCharacters = 1_000;

/**
 * Whether a text is one requirement of a Python package (PEP 508), and cannot be taken for an
 * option, a path or more than one argument. Markers in parentheses are not.
 */
export function isRequirement(text: string): boolean {
  return text.length <= mostCharacters && requirement.test(text);
}
