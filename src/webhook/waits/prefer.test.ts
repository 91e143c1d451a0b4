import fc from "fast-check";
import { expect, test } from "vitest";
import "../../../test/support/property-seed.ts";
import { readPrefer } from "./prefer.ts";

const read = (header: string | undefined) => Object.fromEntries(readPrefer(header));

test.each<[string | undefined, Record<string, string>]>([
  [undefined, {}],
  ["", {}],
  // The examples of RFC 7240.
  ["respond-async, wait=100", { "respond-async": "", wait: "100" }],
  [
    "handling=lenient, wait=100, respond-async",
    { handling: "lenient", wait: "100", "respond-async": "" },
  ],
  ['return=minimal; foo="some parameter"', { return: "minimal" }],
  ["foo; bar", { foo: "" }],
  ['foo; bar=""', { foo: "" }],
  ['foo=""; bar', { foo: "" }],
  ["Lenient", { lenient: "" }],
  ["priority=5, priority=9", { priority: "5" }],
  ["WAIT = 5", { wait: "5" }],
  ['wait="5"', { wait: "5" }],
  ['wait="\\5"', { wait: "5" }],
  ['a="x, wait=7", wait=5', { a: "x, wait=7", wait: "5" }],
  ['a;b="x, wait=7;\\",", wait=5', { a: "", wait: "5" }],
  [", ,, wait=5 ,", { wait: "5" }],
  // What follows no grammar is passed over, and nothing beside it.
  ["wait=, respond-async", { "respond-async": "" }],
  ["wait=5 6, respond-async", { "respond-async": "" }],
  ["=5, wait=5", { wait: "5" }],
  ["wait=5s", { wait: "5s" }],
  ["wait=-1", { wait: "-1" }],
  ["wait==5", {}],
  ['wait="5', {}],
  ['"wait"=5', {}],
  ['wait=5", wait=6', {}],
  ["wait=(5), wait=6", { wait: "6" }],
  [`wait=5,${" ".repeat(5000)}`, {}],
])("%j is read", (header, expected) => {
  expect(read(header)).toEqual(expected);
});

const tokens = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,8}$/);
const words = fc.oneof(
  tokens.map((text) => ({ text, written: text })),
  fc
    .stringMatching(/^[\t -~]{0,8}$/)
    .map((text) => ({ text, written: `"${text.replaceAll(/["\\]/g, "\\$&")}"` })),
);
const space = fc.constantFrom("", " ", "\t");
const parameter = fc
  .tuple(space, fc.option(fc.tuple(tokens, fc.option(words))), space)
  .map(([before, given, after]) => {
    const value = given?.[1] ? `=${given[1].written}` : "";
    return `${before};${after}${given === null ? "" : given[0] + value}`;
  });
const preferences = fc.tuple(
  tokens,
  fc.option(fc.tuple(words, space, space)),
  fc.array(parameter, { maxLength: 2 }),
);

test("whatever follows the grammar is read as it says", () => {
  const lists = fc.array(fc.tuple(preferences, space, space), { maxLength: 5 });
  fc.assert(
    fc.property(lists, (given) => {
      const expected = new Map<string, string>();
      const elements = given.map(([[name, value, parameters], before, after]) => {
        const key = name.toLowerCase();
        if (!expected.has(key)) expected.set(key, value?.[0].text ?? "");
        const said = value === null ? "" : `${value[1]}=${value[2]}${value[0].written}`;
        return `${before}${name}${said}${parameters.join("")}${after}`;
      });
      expect(readPrefer(elements.join(","))).toEqual(expected);
    }),
  );
});

test("junk is passed over, and what stands beside it is read", () => {
  const junk = fc.stringMatching(/^[^",\\]{0,30}$/).filter((text) => !/wait/i.test(text));
  fc.assert(
    fc.property(junk, junk, (before, after) => {
      expect(readPrefer(`${before},wait=5,${after}`).get("wait")).toBe("5");
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 100 }), (text) => {
      expect(readPrefer(text)).toBeInstanceOf(Map);
    }),
  );
});

test.each(['"', '"\\', "a=", "a;", ",", 'a="', 'a;b="\\', " ", "="])(
  "%j over and over takes no time that grows faster than it",
  (part) => {
    // With a step back for each character this would not end.
    expect(readPrefer(part.repeat(4096 / part.length)).size).toBeLessThanOrEqual(1);
  },
);
