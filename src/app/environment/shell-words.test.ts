import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { quoteShellWord } from "../../shared/quote-shell-word.ts";
import { splitShellWords } from "./shell-words.ts";

describe("a command line", () => {
  test.each<[string, readonly string[]]>([
    ["", []],
    ["   ", []],
    ["node server.js", ["node", "server.js"]],
    ["  a\tb\n c ", ["a", "b", "c"]],
    [`sh -c 'echo "hi"'`, ["sh", "-c", 'echo "hi"']],
    [`a "b c" d`, ["a", "b c", "d"]],
    [`a""b ''`, ["ab", ""]],
    [`a'b'"c"d`, ["abcd"]],
    [String.raw`a\ b \"`, ["a b", '"']],
    [String.raw`"a\"b\\c\$d\e"`, [String.raw`a"b\c$d\e`]],
    [String.raw`'a\b'`, [String.raw`a\b`]],
    ["a \\\n b", ["a", "b"]],
    ["a\\\nb", ["ab"]],
    ['"a\\\nb"', ["ab"]],
    ["echo $HOME * # ; | && `x`", ["echo", "$HOME", "*", "#", ";", "|", "&&", "`x`"]],
  ])("%j is split as a shell does", (text, words) => {
    expect(splitShellWords(text)).toEqual(words);
  });

  test.each([
    ["a 'b", /single quote that is not closed/],
    ['a "b', /double quote that is not closed/],
    ['"a\\"', /double quote that is not closed/],
    ["a \\", /backslash that escapes nothing/],
  ])("%j is refused", (text, says) => {
    expect(() => splitShellWords(text)).toThrow(says);
  });

  test("of quoted words is split into them", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" })), (words) => {
        expect(splitShellWords(words.map(quoteShellWord).join(" "))).toEqual(words);
      }),
    );
  });

  test("of any words with every character escaped is split into them", () => {
    const word = fc.string({ minLength: 1 }).filter((text) => !text.includes("\n"));
    fc.assert(
      fc.property(fc.array(word), (words) => {
        const escaped = words.map((text) => [...text].map((letter) => `\\${letter}`).join(""));
        expect(splitShellWords(escaped.join("\t"))).toEqual(words);
      }),
    );
  });
});
