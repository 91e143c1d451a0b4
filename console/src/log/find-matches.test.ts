import fc from "fast-check";
import { expect, test } from "vitest";
import { markMatches, toPattern } from "./find-matches.ts";

const spans = fc.array(
  fc.record({
    text: fc.string({ unit: fc.constantFrom("a", "B", "b", ".", "é", "👩"), minLength: 1 }),
    style: fc.constantFrom("", "ansi-red"),
  }),
);

test("dividing a line loses nothing, and what is found is what was searched for", () => {
  fc.assert(
    fc.property(spans, fc.constantFrom("a", "ab", "B.", "👩b", ".", "aa"), (line, query) => {
      const marked = markMatches(line, toPattern(query));
      const whole = line.map(({ text }) => text).join("");
      expect(marked.map(({ text }) => text).join("")).toBe(whole);
      expect(marked.every(({ text }) => text !== "")).toBe(true);
      const found = marked.filter(({ isFound }) => isFound).map(({ text }) => text);
      const expected = whole.toLowerCase().split(query.toLowerCase()).length - 1;
      expect(found.join("").toLowerCase()).toBe(query.toLowerCase().repeat(expected));
    }),
  );
});

test("a search crosses colours", () => {
  const line = [
    { text: "could not op", style: "ansi-red" },
    { text: "en file", style: "" },
  ];
  expect(markMatches(line, toPattern("OPEN")).filter(({ isFound }) => isFound)).toEqual([
    { text: "op", style: "ansi-red", isFound: true },
    { text: "en", style: "", isFound: true },
  ]);
});

test("what is typed is searched for as it is", () => {
  for (const text of ["a.b", "(x", "[", "\\d", "a|b", "$", "*", "{2}", "-", "/", "\u001b"]) {
    expect(toPattern(text)?.test(`x${text}y`)).toBe(true);
  }
  expect(toPattern("a.b")?.test("axb")).toBe(false);
  expect(toPattern("")).toBeUndefined();
});
