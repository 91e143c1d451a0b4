import fc from "fast-check";
import { expect, test } from "vitest";
import { FlyteError } from "./errors.ts";
import { type JsonValue, parseJson, stringifyJson } from "./json.ts";
import { readJson } from "./json-reader.ts";

const json: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0 || 0),
    fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(tidy),
    fc.string({ unit: "binary" }),
    fc.array(tie("value"), { maxLength: 4 }),
    fc
      .dictionary(fc.string(), tie("value"), { maxKeys: 4, noNullPrototype: true })
      .filter((value) => !Object.hasOwn(value, "__proto__")),
  ),
})).value;

function tidy(value: bigint): number | bigint {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function fault(text: string, maxDepth?: number): string {
  try {
    parseJson(text, maxDepth === undefined ? {} : { maxDepth });
  } catch (error) {
    if (FlyteError.is(error) && error.code === "invalid_input") return error.message;
    throw error;
  }
  return "accepted";
}

test("values survive printing and parsing, on one line and indented", () => {
  fc.assert(
    fc.property(json, fc.constantFrom(0, 2), (value, indent) => {
      expect(parseJson(stringifyJson(value, indent))).toStrictEqual(normalise(value));
    }),
  );
});

/** Doubles print as integer tokens below 1e21, which read back as bigint beyond 2^53. */
function normalise(value: JsonValue): JsonValue {
  if (typeof value === "number") {
    const unsafe = Number.isInteger(value) && !Number.isSafeInteger(value);
    return unsafe && Math.abs(value) < 1e21 ? BigInt(String(value)) : value;
  }
  if (Array.isArray(value)) return value.map(normalise);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, normalise(item)]));
}

test("without bigint it prints exactly what JSON.stringify prints", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(0, 3), (value, indent) => {
      const text = JSON.stringify(value, undefined, indent);
      expect(stringifyJson(value as JsonValue, indent)).toBe(text);
      const withBigint = stringifyJson([2n ** 64n, value as JsonValue], indent);
      expect(withBigint).toBe(
        JSON.stringify([0, value], undefined, indent).replace("0", "18446744073709551616"),
      );
    }),
  );
});

test("both ways of reading agree on every text", () => {
  const texts = fc.oneof(
    fc.json(),
    fc.string(),
    fc.string({ unit: fc.constantFrom(...'[]{}",:\\u0019.eE+- \ntrfalsn_') }),
    fc.tuple(fc.json(), fc.nat(), fc.string({ maxLength: 2 })).map(([text, at, noise]) => {
      const cut = at % (text.length + 1);
      return text.slice(0, cut) + noise + text.slice(cut + 1);
    }),
  );
  const outcome = (read: () => JsonValue): unknown => {
    try {
      return read();
    } catch (error) {
      if (!FlyteError.is(error)) throw error;
      return error.message;
    }
  };
  fc.assert(
    fc.property(texts, (text) => {
      expect(outcome(() => parseJson(text))).toStrictEqual(outcome(() => readJson(text, 64)));
    }),
    { numRuns: 2000 },
  );
});

test("the exact reader accepts what JSON.parse accepts and gives the same value", () => {
  fc.assert(
    fc.property(fc.json({ noUnicodeString: false }), (text) => {
      if (text.includes("__proto__")) return;
      const big = (_: string, value: unknown) =>
        typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value)
          ? undefined
          : value;
      expect(JSON.parse(JSON.stringify(strip(readJson(text, 64))), big)).toEqual(
        JSON.parse(text, big),
      );
    }),
  );
});

function strip(value: JsonValue): unknown {
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map(strip);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, strip(item)]));
}

test("integers beyond 2^53 stay exact, exponents and fractions are numbers", () => {
  expect(
    parseJson("[9007199254740991,9007199254740992,-9223372036854775808,1e3,1e17,2.0]"),
  ).toEqual([9007199254740991, 9007199254740992n, -9223372036854775808n, 1000, 1e17, 2]);
  expect(stringifyJson({ a: 9007199254740993n })).toBe('{"a":9007199254740993}');
});

test("a fault is given with its line, column and offset", () => {
  expect(fault('{"a": 1,\n  "b": x}')).toBe(
    "JSON at line 2, column 8 (offset 16): expected a value",
  );
  expect(fault("")).toBe("JSON at line 1, column 1 (offset 0): text ended");
  expect(fault('["a\\x"]')).toContain("column 4 (offset 3): unknown escape");
  expect(fault("1 2")).toContain("nothing may follow");
  expect(fault("1e400")).toContain("range of a double");
  expect(fault("9".repeat(500))).toContain("at most 400 digits");
});

test("repeated keys and __proto__ are refused, however they are written", () => {
  expect(fault('{"a":1,"b":{"c":1,"c":2}}')).toContain('the key "c" is given twice');
  expect(fault('{"a":1,"\\u0061":2}')).toContain('the key "a" is given twice');
  expect(fault('{"__proto__":{}}')).toContain("not allowed");
  expect(fault('[{"\\u005f_proto__":1}]')).toContain("not allowed");
  expect(fault('{"constructor":1,"toString":{"a:b":":"}}')).toBe("accepted");
});

test("nesting is limited, by default to 64", () => {
  const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  expect(fault(nested(64))).toBe("accepted");
  expect(fault(nested(65))).toContain("at most 64 deep");
  expect(fault(nested(1_000_000))).toContain("at most 64 deep");
  expect(fault('{"a":[1]}', 1)).toContain("at most 1 deep");
  expect(fault("9007199254740993", 0)).toBe("accepted");
});

test("a value that contains itself is refused", () => {
  const circle: JsonValue[] = [];
  circle.push(circle);
  expect(() => stringifyJson(circle)).toThrow(FlyteError);
});
