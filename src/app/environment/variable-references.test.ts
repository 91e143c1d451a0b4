import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { splitReferences, substituteVariables, toContainerText } from "./variable-references.ts";

const values = new Map([
  ["KEY", "s3cret"],
  ["A", "$KEY"],
  ["EMPTY", ""],
]);
const substitute = (text: string) => substituteVariables(text, values);
/** A dollar sign before a brace, which is no template here. */
const open = "$".concat("{");

test.each([
  ["$KEY", "s3cret"],
  [`${open}KEY}`, "s3cret"],
  ["--key=$KEY;", "--key=s3cret;"],
  [`${open}KEY}S`, "s3cretS"],
  ["$KEY$KEY", "s3crets3cret"],
  ["$EMPTY", ""],
  ["$$KEY", "$KEY"],
  ["$$$KEY", "$s3cret"],
  ["$$$$", "$$"],
  ["$A", "$KEY"],
  ["$", "$"],
  ["a$", "a$"],
  ...["$1 $- $( $(KEY)", open, `${open}}`, `${open}A-b}`].map((text) => [text, text]),
  ["", ""],
])("%s becomes %s", (text, expected) => {
  expect(substitute(text)).toBe(expected);
});

test.each([
  ["$KYE", /^args names the variable \$KYE, .*Did you mean \$KEY\? .*envVars.*\$\$KYE/],
  [`x ${open}HOME} y`, /names the variable \$HOME/],
])("%s is refused", (text, says) => {
  expect(() => substitute(text)).toThrow(says);
  expect(() => toContainerText(text, new Set(values.keys()))).toThrow(says);
});

/** Texts that are full of references, and of what is none. */
const name = fc.constantFrom("KEY", "A", "EMPTY", "_x9");
const piece = fc.oneof(
  fc.constantFrom("$", "$$", "{", "}", "(", ")", "a", "9", "$(KEY)", open, " "),
  name.map((variable) => `$${variable}`),
  name.map((variable) => `${open}${variable}}`),
);
const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));

/** Every name has a value, which may look like a reference itself. */
const valueOfAny = (variable: string) => values.get(variable) ?? `<${variable}>`;
const namesIn = (given: string) =>
  splitReferences(given).flatMap((part) => ("variable" in part ? [part.variable] : []));
const substituteAll = (given: string) =>
  substituteVariables(given, new Map(namesIn(given).map((found) => [found, valueOfAny(found)])));

/** The rule of Kubernetes: `$$` is one `$`, `$(NAME)` a variable, all else is as it is. */
function expandAsKubernetes(given: string): string {
  return given.replace(/\$(?:\$|\(([^)]*)\))/g, (_, variable?: string) =>
    variable === undefined ? "$" : valueOfAny(variable),
  );
}

describe("whatever the text", () => {
  test("escaping every dollar sign keeps it as it is", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), text), (plain) => {
        expect(substitute(plain.replaceAll("$", "$$$$"))).toBe(plain);
      }),
    );
  });

  test("its parts, written again, mean the same", () => {
    fc.assert(
      fc.property(text, (given) => {
        const written = splitReferences(given)
          .map((part) =>
            "text" in part ? part.text.replaceAll("$", "$$$$") : `${open}${part.variable}}`,
          )
          .join("");
        expect(substituteAll(written)).toBe(substituteAll(given));
      }),
    );
  });

  test("a container expands it to what is substituted here", () => {
    fc.assert(
      fc.property(text, (given) => {
        const inContainer = toContainerText(given, new Set(namesIn(given)));
        expect(expandAsKubernetes(inContainer)).toBe(substituteAll(given));
      }),
    );
  });
});
