import fc from "fast-check";
import { expect, test } from "vitest";
import { parseIgnorePatterns } from "./ignore-patterns.ts";

test.each<[patterns: string, ignored: readonly string[], kept: readonly string[]]>([
  ["", ["node_modules", "a/node_modules/b.js", ".git/config"], ["a", "node_modules.ts", ".github"]],
  ["# a\n\n  b  \r\nc/", ["b", "b/x", "c/d"], ["a", "x/b", "# a"]],
  ["/a\n./b", ["a", "b"], ["x/a"]],
  ["*.log", ["a.log", ".log"], ["x/a.log", "alog", "a.log2"]],
  ["**/*.log", ["a.log", "x/y/a.log"], ["a.txt"]],
  ["a/**/b", ["a/b", "a/x/y/b", "a/b/c"], ["b", "a/xb"]],
  ["a/**", ["a/b", "a/b/c"], ["ab"]],
  ["?.ts", ["a.ts", "é.ts", "😀.ts"], ["ab.ts", ".ts"]],
  ["[a-c].ts\n[!x].js\n[^y].md", ["b.ts", "a.js", "x.md"], ["d.ts", "x.js", "y.md"]],
  ["[z-a]", [], ["z", "a", "-"]],
  ["a\\*b\n(c|d)", ["a*b", "(c|d)"], ["axb", "c"]],
  ["*\n!keep\n!dir/x", ["a", "dir/y"], ["keep", "keep/z", "dir/x"]],
  ["a*\n!ab\nab", ["ab", "ac"], ["b"]],
  ["!**/node_modules", [], ["node_modules/a.js"]],
  ["/\n.\n!\n[", ["["], ["a", ".x"]],
])("%j", (text, ignored, kept) => {
  const { ignores } = parseIgnorePatterns(text);
  expect(ignored.filter((path) => !ignores(path))).toEqual([]);
  expect(kept.filter((path) => ignores(path))).toEqual([]);
});

test("only an exclamation mark makes exceptions", () => {
  expect(parseIgnorePatterns("a\n#!b").hasExceptions).toBe(false);
  expect(parseIgnorePatterns("!a").hasExceptions).toBe(true);
});

const name = fc.stringMatching(/^[a-z.*?[\]()+^$|{}-]{1,8}$/).filter((text) => !/^\.+$/.test(text));

test("a path that is named with its signs escaped is left out, with all below, and nothing else", () => {
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 3 }), name, (names, other) => {
      const path = names.join("/");
      const { ignores } = parseIgnorePatterns(path.replace(/[^/]/g, "\\$&"));
      expect(ignores(path)).toBe(true);
      expect(ignores(`${path}/${other}`)).toBe(true);
      if (other !== names[0]) expect(ignores(other)).toBe(false);
      expect(ignores(`${path}x`)).toBe(false);
    }),
  );
});

test("no text is refused, and two stars match everything", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ minLength: 1 }), (text, path) => {
      expect(() => parseIgnorePatterns(text).ignores(path)).not.toThrow();
      expect(parseIgnorePatterns("**").ignores(path)).toBe(true);
    }),
  );
});
