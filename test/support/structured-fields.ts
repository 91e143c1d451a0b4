/** A string or whole number with its parameters (RFC 9651, section 3.3). */
export interface StructuredItem {
  readonly value: string | number;
  readonly parameters: Readonly<Record<string, string | number>>;
}

/**
 * Reads a list of structured fields that are strings or whole numbers, with such parameters.
 *
 * @throws where the text is not of the grammar
 */
export function parseItems(text: string): readonly StructuredItem[] {
  let rest = text.replace(/^ +| +$/g, "");
  const take = (form: RegExp): string => {
    const found = form.exec(rest)?.[0];
    if (found === undefined) throw new Error(`not a structured field: ${text} at ${rest}`);
    rest = rest.slice(found.length);
    return found;
  };
  const takeValue = (): string | number => {
    if (!rest.startsWith('"')) return Number(take(/^-?\d{1,15}(?![.\d])/));
    const quoted = take(/^"(?:[ !#-[\]-~]|\\["\\])*"/);
    return quoted.slice(1, -1).replaceAll(/\\(.)/g, "$1");
  };
  const items: StructuredItem[] = [];
  for (;;) {
    const value = takeValue();
    const parameters: Record<string, string | number> = {};
    while (rest.startsWith(";")) {
      take(/^; */);
      const key = take(/^[a-z*][a-z0-9_.*-]*/);
      take(/^=/);
      parameters[key] = takeValue();
    }
    items.push({ value, parameters });
    if (rest === "") return items;
    take(/^[ \t]*,[ \t]*(?=.)/);
  }
}
