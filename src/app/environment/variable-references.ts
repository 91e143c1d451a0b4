import { nearestName } from "../../shared/nearest-name.ts";
import { invalidConfig } from "./invalid-config.ts";

/** `$$`, `$NAME` and `${NAME}`; any other `$` stands for itself. */
const reference = /\$(?:\$|([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})/g;

/** A piece of a text: as it is, or the variable that it stands for. */
export type TextPart = { readonly text: string } | { readonly variable: string };

/** Splits a text at what stands for environment variables. `$$` becomes a plain `$`. */
export function splitReferences(text: string): readonly TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  for (const match of text.matchAll(reference)) {
    const [whole, plain, braced] = match;
    const variable = plain ?? braced;
    if (match.index > end) parts.push({ text: text.slice(end, match.index) });
    parts.push(variable === undefined ? { text: "$" } : { variable });
    end = match.index + whole.length;
  }
  if (end < text.length) parts.push({ text: text.slice(end) });
  return parts;
}

/**
 * Puts the values of environment variables where `$NAME` and `${NAME}` stand in an argument, once: a
 * value is taken as it is.
 *
 * @throws FlyteError `invalid_config` for a variable that there is not
 */
export function substituteVariables(text: string, values: ReadonlyMap<string, string>): string {
  return splitReferences(text)
    .map((part) => ("text" in part ? part.text : find(part.variable, values)))
    .join("");
}

function find(name: string, values: ReadonlyMap<string, string>): string {
  const value = values.get(name);
  if (value === undefined) throw unknownVariable(name, values.keys());
  return value;
}

/**
 * The same argument as a container has it: `$(NAME)` for a variable, `$$` for a plain `$`.
 *
 * @param known names of the variables that the container has
 * @throws FlyteError `invalid_config` for a variable that there is not
 */
export function toContainerText(text: string, known: ReadonlySet<string>): string {
  return splitReferences(text)
    .map((part) => {
      if ("text" in part) return part.text.replaceAll("$", "$$$$");
      if (!known.has(part.variable)) throw unknownVariable(part.variable, known);
      return `$(${part.variable})`;
    })
    .join("");
}

function unknownVariable(name: string, known: Iterable<string>) {
  const nearest = nearestName(name, known);
  const question = nearest === undefined ? "" : ` Did you mean $${nearest}?`;
  return invalidConfig(
    `args names the variable $${name}, which the app does not have.${question} Set it in envVars, or write $$${name} for the text itself.`,
  );
}
