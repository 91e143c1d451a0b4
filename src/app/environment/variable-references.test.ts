import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { splitReferences, substituteVariables, toContainerText } from "./variable-references.ts";

const values = new Map([
  ["KEY", "s3cret"],
  ["A", "$KEY"],
  ["EMPTY", ""],
]);
const substitute = (text: string) => substituteVariables("args", text, values);

test.each([
  ["$KEY", "s3cret"],
  ["${KEY}", "s3cret"],
  ["--key=$KEY;", "--key=s3cret;"],
  ["${KEY}S", "s3cretS"],
  ["$KEY$KEY", "s3crets3cret"],
  ["$EMPTY", ""],
  ["$$KEY", "$KEY"],
  ["$$$KEY", "$s3cret"],
  ["$$$$", "$$"],
  ["$A", "$KEY"],
  ["$", "$"],
  ["a$", "a$"],
  ["$1 $- $( ${ ${} ${A-b} $(KEY)", "$1 $- $( ${ ${} ${A-b} $(KEY)"],
  ["", ""],
])("%s becomes %s", (text, expected) => {
  expect(substitute(text)).toBe(expected);
});

test.each([
  ["$KYE", /^args names the variable \$KYE, .*Did you mean \$KEY\? .*envVars.*\$\$KYE/],
  ["x ${HOME} y", /names the variable \$HOME/],
])("%s is refused", (text, says) => {
  expect(() => substitute(text)).toThrow(says);
  expect(() => toContainerText("args", text, new Set(values.keys()))).toThrow(says);
});

const name = fc.constantFrom("KEY", "A", "EMPTY", "_x9");
const piece = fc.oneof(
  fc.constantFrom("$", "$$", "{", "}", "(", ")", "a", "9", "$(KEY)", "${", " "),
  name.map((variable) => `$${variable}`),
  name.map((variable) => `\${${variable}}`),
);
const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));

describe("whatever the text", () => {
  test("escaping every dollar sign keeps it as it is", () => {
    fc.assert(
      fc.property(fc.string(), (plain) => {
        expect(substitute(plain.replaceAll("$", "$$$$"))).toBe(plain);
      }),
    );
  });

  test("its parts, written again, give the same parts", () => {
    const write = (parts: ReturnType<typeof splitReferences>) =>
      parts
        .map((part) =>
          "text" in part ? part.text.replaceAll("$", "$$$$") : `\${${part.variable}}`,
        )
        .join("");
    const merged = (given: string) => substituteAll(given);
    fc.assert(
      fc.property(text, (given) => {
        expect(merged(write(splitReferences(given)))).toBe(merged(given));
      }),
    );
  });

  test("a container expands it to what is substituted here", () => {
    fc.assert(
      fc.property(text, (given) => {
        const inContainer = toContainerText("args", given, all);
        expect(expandAsKubernetes(inContainer)).toBe(substituteAll(given));
      }),
    );
  });
});

const known = new Map([...values, ["_x9", "nine"], ["KEYa", "1"], ["Aa", "2"], ["A9", "3"]]);
const substituteAll = (given: string) => substituteVariables("args", given, anything);

/** Every name that the pieces above may grow into has a value. */
const anything = new (class extends Map<string, string> {
  override get(variable: string): string {
    return known.get(variable) ?? `<${variable}>`;
  }
})();
const all = new (class extends Set<string> {
  override has(): boolean {
    return true;
  }
})();

/** The rule of Kubernetes: `$$` is one `$`, `$(NAME)` a variable, all else is as it is. */
function expandAsKubernetes(given: string): string {
  return given.replace(/\$(\$|\(([^)]*)\))/g, (_, what: string, variable: string | undefined) =>
    what === "$" ? "$" : anything.get(variable ?? ""),
  );
}
