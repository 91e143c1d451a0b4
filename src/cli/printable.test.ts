import fc from "fast-check";
import { expect, test } from "vitest";
import { toPrintable } from "./printable.ts";

const esc = "\u001b";

test.each([
  ["plain, 日本, \u{1F984}\tand\nlines", "plain, 日本, \u{1F984}\tand\nlines"],
  ["windows\r\nlines\r", "windows\nlines"],
  [`${esc}[1;31mred${esc}[0m ${esc}[m`, `${esc}[1;31mred${esc}[0m ${esc}[m`],
  [`${esc}]0;title\u0007`, "\\x1b]0;title\\x07"],
  [`${esc}]52;c;cm0=${esc}\\`, "\\x1b]52;c;cm0=\\x1b\\"],
  [`${esc}[2J${esc}[1A`, "\\x1b[2J\\x1b[1A"],
  ["100%\rgone", "100%\\x0dgone"],
  ["a\bb\u007f\u009b2J\0", "a\\x08b\\x7f\\x9b2J\\x00"],
])("%j is shown as %j", (text, shown) => {
  expect(toPrintable(text)).toBe(shown);
});

test("whatever is written, a terminal gets text, lines, tabs and colours, and once is enough", () => {
  const pieces = fc.constantFrom(esc, "[", "]", "m", "31", ";", "\r", "\n", "\u009b", "a");
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(pieces).map((all) => all.join("")),
  );
  fc.assert(
    fc.property(text, (given) => {
      const shown = toPrintable(given);
      const bare = shown.replaceAll(new RegExp(`${esc}\\[[0-9;:]*m`, "g"), "");
      expect(bare).toMatch(/^[^\p{Cc}]*(?:[\n\t][^\p{Cc}]*)*$/u);
      expect(toPrintable(shown)).toBe(shown);
    }),
  );
});
