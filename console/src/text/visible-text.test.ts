import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cutText } from "./cut-text.ts";
import { toVisible } from "./visible-text.ts";

/** Of any plane, with those that hide, steer and shape often, and halves of surrogate pairs. */
const anyText = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0x10ffff }),
      fc.constantFrom(
        ...[0, 7, 9, 10, 13, 0x1b, 0x7f, 0x85, 0x9b, 0xad, 0x34f, 0x61c, 0x115f, 0x180b, 0x180e],
        ...[0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202e, 0x2060],
        ...[0x2066, 0x2069, 0x3164, 0xd800, 0xdfff, 0xfe00, 0xfe0e, 0xfe0f, 0xfeff, 0xfff9, 0xfffe],
        ...[
          0xe0001, 0xe0041, 0xe0100, 0x1f469, 0x1f3fd, 0x2764, 0x31, 0x20e3, 0x4e2d, 0x628, 0x915,
        ],
      ),
    ),
    { maxLength: 20 },
  )
  .map((codes) => codes.map((code) => String.fromCodePoint(code)).join(""));

/** Hidden wherever they stand: no context makes them part of what is seen. */
const neverShown =
  /[\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}\u200B\u2060-\u2064\uFEFF\uFFF9-\uFFFB\u00AD\u3164\u{E0000}-\u{E007F}]|\u034F/u;
const control = /(?![\t\n])\p{Cc}/u;

test("the result holds nothing that hides or steers", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const shown = toVisible(text);
      expect(shown).not.toMatch(neverShown);
      expect(shown).not.toMatch(control);
    }),
  );
});

test("what is shown is shown the same again", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(toVisible(toVisible(text))).toBe(toVisible(text));
    }),
  );
});

test("nothing else is changed: the text comes back from the marks", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      // What looks like a mark already could not be told from one.
      fc.pre(!text.includes("[U+"));
      const back = toVisible(text).replaceAll(/\[U\+([0-9A-F]{4,6})\]/g, (_, code: string) =>
        String.fromCodePoint(Number.parseInt(code, 16)),
      );
      expect(back).toBe(text.replaceAll("\r\n", "\n"));
    }),
  );
});

describe("toVisible", () => {
  test.each([
    ["plain text\twith a tab\nand a line", "plain text\twith a tab\nand a line"],
    ["a\r\nb\rc", "a\nb[U+000D]c"],
    ["\u001b[31mred", "[U+001B][31mred"],
    ["abc\u202Etxt.exe", "abc[U+202E]txt.exe"],
    ["\u2066x\u2069\u200e\u200f\u061c", "[U+2066]x[U+2069][U+200E][U+200F][U+061C]"],
    ["zero\u200bwidth\u2060\ufeff", "zero[U+200B]width[U+2060][U+FEFF]"],
    ["a\u2028b\u2029c", "a[U+2028]b[U+2029]c"],
    ["\u{E0041}", "[U+E0041]"],
    ["\ud83d", "[U+D83D]"],
    ["\udc69\ud83d", "[U+DC69][U+D83D]"],
    ["NUL\0", "NUL[U+0000]"],
    // Data in variation selectors after a letter.
    ["a\ufe01\u{E0150}", "a[U+FE01][U+E0150]"],
    ["a\u200db", "a[U+200D]b"],
    ["x\ufe0f\u200d👩", "x[U+FE0F][U+200D]👩"],
    ["\u3164", "[U+3164]"],
  ])("%j is shown as %j", (text, shown) => {
    expect(toVisible(text)).toBe(shown);
  });

  test.each([
    ["a family", "👩🏽‍🚀 👨‍👩‍👧‍👦 ❤️ 👁️‍🗨️ 1️⃣ ❤︎"],
    ["Persian with its joiners", "می‌خواهم"],
    ["Malayalam with its joiners", "അവന്‍റെ"],
    ["an ideograph with a variant", "葛\u{E0100}"],
    ["Arabic and Hebrew", "مرحبا שלום"],
    ["an Arabic number sign", "\u0600١٢"],
    ["accents", "Zürich e\u0301 naïve"],
  ])("%s stays as it is", (_, text) => {
    expect(toVisible(text)).toBe(text);
  });

  test("a megabyte takes no time to speak of", () => {
    const text = "a\u202e".repeat(500_000);
    expect(toVisible(text)).toHaveLength(500_000 * 9);
  });
});

test("a cut leaves no half of a surrogate pair", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.nat(40), (text, max) => {
      const cut = cutText(text, max);
      expect(text.startsWith(cut)).toBe(true);
      expect(cut.length).toBeLessThanOrEqual(max);
      expect(cut.length).toBeGreaterThanOrEqual(Math.min(text.length, max) - 1);
      expect(cut).not.toMatch(/\p{Cs}/u);
    }),
  );
});
