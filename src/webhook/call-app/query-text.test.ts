import fc from "fast-check";
import { expect, test } from "vitest";
import { toQueryText, toUpstreamQueryText } from "./query-text.ts";

test("scalars are themselves, lists their items, null is nothing", () => {
  const parameters = {
    t: true,
    n: null,
    i: 1,
    b: 2n ** 64n,
    f: 0.5,
    s: "a b&c",
    l: [1, null, "x"],
  };
  expect(toQueryText(parameters)).toBe("t=true&i=1&b=18446744073709551616&f=0.5&s=a+b%26c&l=1&l=x");
  expect(toQueryText({})).toBe("");
});

test("texts come out as they went in", () => {
  const name = fc.string({ unit: "grapheme" });
  const values = fc.oneof(name, fc.array(name));
  fc.assert(
    fc.property(fc.dictionary(name, values, { noNullPrototype: true }), (parameters) => {
      const text = toQueryText(parameters);
      expect(text).toMatch(/^[\w.*+%&=-]*$/);
      const expected = Object.entries(parameters).flatMap(([key, value]) =>
        (Array.isArray(value) ? value : [value]).map((item) => [key, item]),
      );
      expect([...new URLSearchParams(text)]).toEqual(expected);
    }),
  );
});

test("the original's are written as Python prints them", () => {
  const printed = (value: Parameters<typeof toUpstreamQueryText>[0]["v"]) =>
    new URLSearchParams(toUpstreamQueryText({ v: value ?? null })).get("v");
  expect(printed("it's")).toBe("it's");
  expect(printed(true)).toBe("True");
  expect(printed(null)).toBe("None");
  expect(printed([1, 2n ** 64n, -0.5])).toBe("[1, 18446744073709551616, -0.5]");
  expect(printed(["a", "it's", 'a "b"', `'"`, "a\\b\n"])).toBe(
    `['a', "it's", 'a "b"', '\\'"', 'a\\\\b\\n']`,
  );
  expect(printed({ a: [], b: { c: null } })).toBe("{'a': [], 'b': {'c': None}}");
});
