import "../../../test/support/property-seed.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { isJsonObject, type JsonValue, parseJson, stringifyJson } from "../../shared/json.ts";
import { canonicalJson } from "./canonical-json.ts";
import { toFingerprint } from "./run-key.ts";

const scalar = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.string({ unit: "binary" }),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 80n }),
);
const value = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    scalar,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.string({ unit: "binary" }), tie("value"), {
      maxKeys: 4,
      noNullPrototype: true,
    }),
  ),
})).value;

/** The same with the keys of every object the other way round. */
function reversed(given: JsonValue): JsonValue {
  if (Array.isArray(given)) return given.map(reversed);
  if (!isJsonObject(given)) return given;
  const entries = Object.entries(given).map(([key, member]) => [key, reversed(member)] as const);
  return Object.fromEntries(entries.reverse());
}

test("the order of keys does not count", () => {
  fc.assert(
    fc.property(value, (given) => {
      expect(canonicalJson(reversed(given))).toBe(canonicalJson(given));
      expect(toFingerprint(reversed(given))).toBe(toFingerprint(given));
    }),
  );
});

test("the text means what the value does, so that two values have two texts", () => {
  fc.assert(
    fc.property(
      value.filter((given) => !stringifyJson(given).includes("__proto__")),
      (given) => {
        const text = canonicalJson(given);
        expect(canonicalJson(parseJson(text))).toBe(text);
        expect(canonicalJson(parseJson(stringifyJson(given)))).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(stringifyJson(given)));
      },
    ),
  );
});

test.each([
  ["1", "1.0"],
  ["1", "1e0"],
  ["100", "1E+2"],
  ["-0", "0"],
  ["0.5", "5e-1"],
  ["1e21", "1000000000000000000000"],
  ["100000000000000000000", "1e20"],
  ["123450000000000000000000", "1.2345e23"],
  ["-45914752992374050", "-4.591475299237405e16"],
  ['"a"', '"\\u0061"'],
  ['{"a":1,"b":2}', ' { "b" : 2.0, "a" : 1 } '],
])("%s and %s are the same", (one, other) => {
  expect(toFingerprint(parseJson(one))).toBe(toFingerprint(parseJson(other)));
});

test.each([
  ["1", '"1"'],
  ["9007199254740993", "9007199254740992"],
  ["null", "{}"],
  ["[]", "{}"],
  ["[1,2]", "[2,1]"],
  ['{"a":null}', "{}"],
  ["[[1],2]", "[1,[2]]"],
  ["true", "1"],
])("%s and %s are not", (one, other) => {
  expect(toFingerprint(parseJson(one))).not.toBe(toFingerprint(parseJson(other)));
});

test("a fingerprint fits a label", () => {
  fc.assert(
    fc.property(value, (given) => {
      expect(toFingerprint(given)).toMatch(/^[a-z0-9]{1,63}$/);
    }),
  );
});
