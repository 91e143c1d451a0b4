import fc from "fast-check";
import { expect, test } from "vitest";
import { addVariables, expandVariables } from "./expand-variables.ts";

const values = new Map([
  ["A", "one"],
  ["B", "$(A)"],
  ["EMPTY", ""],
  ["a.b", "dotted"],
]);

test.each([
  ["plain", "plain"],
  ["$(A)", "one"],
  ["--x=$(A)/$(A)$(EMPTY)!", "--x=one/one!"],
  ["$(B)", "$(A)"],
  ["$(a.b)", "dotted"],
  ["$(UNKNOWN)", "$(UNKNOWN)"],
  ["$$(A)", "$(A)"],
  ["$$$(A)", "$one"],
  ["$$$$(A)", "$$(A)"],
  ["$A", "$A"],
  ["$", "$"],
  ["a$", "a$"],
  ["$(A", "$(A"],
  ["$()", "$()"],
  ["$($(A))", "$($(A))"],
  ["%(A)", "%(A)"],
])("%j becomes %j", (text, expanded) => {
  expect(expandVariables(text, values)).toBe(expanded);
});

/** Kubernetes' rules, one character after the other. */
function oracle(text: string, known: ReadonlyMap<string, string>): string {
  let out = "";
  for (let at = 0; at < text.length; at++) {
    const next = text[at + 1];
    const end = text.indexOf(")", at);
    if (text[at] !== "$" || next === undefined) out += text[at];
    else if (next === "$") {
      out += "$";
      at++;
    } else if (next === "(" && end > 0) {
      const name = text.slice(at + 2, end);
      out += known.get(name) ?? `$(${name})`;
      at = end;
    } else {
      out += `$${next}`;
      at++;
    }
  }
  return out;
}

const texts = fc
  .array(fc.constantFrom("$", "(", ")", "A", "B", "$(A)", "$$", "x", "$(EMPTY)", "\n"), {
    maxLength: 12,
  })
  .map((parts) => parts.join(""));

test("expansion does what Kubernetes does, for any text", () => {
  fc.assert(
    fc.property(texts, (text) => {
      expect(expandVariables(text, values)).toBe(oracle(text, values));
    }),
  );
});

test("doubled dollars give any text back", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(expandVariables(text.replaceAll("$", "$$$$"), values)).toBe(text);
    }),
  );
});

test("a variable may refer to those before it, and not to those after", () => {
  const map = new Map([["PORT", "1"]]);
  addVariables(map, [
    ["URL", "http://localhost:$(PORT)/$(LATER)"],
    ["LATER", "x"],
    ["PATH", "$(URL)/y"],
    ["LATER", "$(LATER)z"],
  ]);
  expect(Object.fromEntries(map)).toEqual({
    PORT: "1",
    URL: "http://localhost:1/$(LATER)",
    LATER: "xz",
    PATH: "http://localhost:1/$(LATER)/y",
  });
});
