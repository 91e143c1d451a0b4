import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseAnsi, toPlainText } from "./ansi.ts";

const esc = "\u001b";
const known =
  /^(?:ansi-(?:bold|italic|underline|strike|inverse|(?:on-)?(?:black|red|green|yellow|blue|magenta|cyan|white)) ?)*$/;

/** Text with many escape sequences, whole and broken. */
const anyLine = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary", maxLength: 5 }),
      fc
        .array(fc.oneof(fc.nat(110), fc.constantFrom("", "38:2::1:2:3", "4:0", "99999")))
        .map((codes) => `${esc}[${codes.join(";")}m`),
      fc.constantFrom(`${esc}[2J`, `${esc}]8;;http://x${esc}\\`, `${esc}[`, esc, "\u009b31m", "\r"),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(""));

test("only colours are taken out of a line, and nothing that hides is left", () => {
  fc.assert(
    fc.property(anyLine, (line) => {
      const spans = parseAnsi(line);
      for (const { text, style } of spans) {
        expect(text).not.toBe("");
        expect(text).not.toMatch(/(?![\t\n])\p{Cc}|\p{Bidi_Control}|\p{Cs}/u);
        expect(style).toMatch(known);
      }
      expect(toPlainText(line)).toBe(spans.map(({ text }) => text).join(""));
    }),
  );
});

test("the text of a line does not depend on its colours", () => {
  const words = fc.array(fc.stringMatching(/^[a-z ]{1,8}$/), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(words, fc.array(fc.nat(110), { minLength: 8, maxLength: 8 }), (texts, codes) => {
      const line = texts.map((text, at) => `${esc}[${codes[at]}m${text}`).join("");
      expect(toPlainText(line)).toBe(texts.join(""));
    }),
  );
});

describe("parseAnsi", () => {
  test.each([
    [`${esc}[31mred${esc}[0m plain`, ["red:ansi-red", " plain:"]],
    [
      `${esc}[1;4;32mok${esc}[22mok`,
      ["ok:ansi-bold ansi-underline ansi-green", "ok:ansi-underline ansi-green"],
    ],
    [`${esc}[mplain`, ["plain:"]],
    [
      `${esc}[91;103mx${esc}[39my${esc}[49mz`,
      ["x:ansi-red ansi-on-yellow", "y:ansi-on-yellow", "z:"],
    ],
    [`${esc}[38;5;196mx`, ["x:ansi-red"]],
    [`${esc}[38;5;240mx`, ["x:ansi-black"]],
    [`${esc}[38;2;20;200;30;1mx`, ["x:ansi-bold ansi-green"]],
    [`${esc}[38:2::20:30:200mx`, ["x:ansi-blue"]],
    [`${esc}[48;5;4mx`, ["x:ansi-on-blue"]],
    [`${esc}[4:3mwavy${esc}[4:0mno`, ["wavy:ansi-underline", "no:"]],
    // What would hide text has no effect.
    [`${esc}[8mconcealed${esc}[2mfaint`, ["concealedfaint:"]],
    [`${esc}[38;5;999mx${esc}[38;2;300;0;0my`, ["xy:"]],
    // Sequences that are not about colour are shown.
    [`${esc}[2Jx`, ["[U+001B][2Jx:"]],
    [`${esc}[?25mx`, ["[U+001B][?25mx:"]],
    [`${esc}[${"1;".repeat(40)}mx`, [`[U+001B][${"1;".repeat(40)}mx:`]],
    ["\u009b31mx", ["[U+009B]31mx:"]],
    // A cut in a sequence leaves none of it.
    [`x${esc}[3`, ["x:"]],
    ["", []],
  ])("%j", (line, expected) => {
    expect(parseAnsi(line).map(({ text, style }) => `${text}:${style}`)).toEqual(expected);
  });

  test("makes few parts of a line that changes its colour all the time", () => {
    const line = Array.from({ length: 50_000 }, (_, at) => `${esc}[3${at % 8}mx`).join("");
    expect(parseAnsi(line).length).toBeLessThan(600);
    expect(toPlainText(line)).toBe("x".repeat(50_000));
  });
});
