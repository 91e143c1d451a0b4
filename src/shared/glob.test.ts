import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { matchesGlob } from "./glob.ts";

test.each([
  ["*.tmp", "a.tmp"],
  ["*.tmp", "deep/er/a.tmp"],
  ["cache", "cache/file"],
  ["cache/", "cache/file"],
  ["cache", "deep/cache/file"],
  ["./a.txt", "a.txt"],
  ["a/*.txt", "a/b.txt"],
  ["a/*", "a/b/c"],
  ["a/**", "a/b/c"],
  ["a/**/c", "a/c"],
  ["a/**/c", "a/b/b/c"],
  ["**/c", "c"],
  ["**/c", "a/b/c"],
  ["?", "ä"],
  ["a*b*c", "aXbXbXc"],
  ["*", ".hidden"],
])("%s means %s", (pattern, path) => {
  expect(matchesGlob(pattern, path)).toBe(true);
});

test.each([
  ["*.tmp", "a.tmpx"],
  ["./a.txt", "b/a.txt"],
  ["/a.txt", "b/a.txt"],
  ["a/*.txt", "a/b/c.txt"],
  ["a/*.txt", "x/a/b.txt"],
  ["a/**", "a"],
  ["a/**/c", "a/b"],
  ["?", ""],
  ["?", "ab"],
  ["a.c", "abc"],
  ["[a]", "a"],
])("%s does not mean %s", (pattern, path) => {
  expect(matchesGlob(pattern, path)).toBe(false);
});

describe("whatever the name", () => {
  const name = fc.string({ unit: fc.constantFrom("a", "b", "*", "?", ".", "("), maxLength: 8 });

  test("a pattern means what the same pattern as a regular expression does", () => {
    fc.assert(
      fc.property(name, name, (pattern, text) => {
        fc.pre(!/^\.?$/.test(pattern) && !pattern.includes("**"));
        const source = [...pattern]
          .map((letter) => (letter === "*" ? ".*" : letter === "?" ? "." : `\\${letter}`))
          .join("")
          .replaceAll("\\a", "a")
          .replaceAll("\\b", "b");
        expect(matchesGlob(`./${pattern}`, text)).toBe(new RegExp(`^${source}$`, "s").test(text));
      }),
    );
  });

  test("a long pattern of stars is decided at once", () => {
    expect(matchesGlob(`${"a*".repeat(500)}b`, "a".repeat(5000))).toBe(false);
  });
});
