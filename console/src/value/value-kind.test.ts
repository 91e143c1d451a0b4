import { create, type MessageInitShape } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LiteralTypeSchema, SimpleType } from "../../../src/idl/literals.ts";
import type { JsonValue } from "../../../src/shared/json.ts";
import { columnsOf, sizeOfBase64, toValueKind } from "./value-kind.ts";

type TypeInit = MessageInitShape<typeof LiteralTypeSchema>;

const typeOf = (type: NonNullable<TypeInit["type"]>) => create(LiteralTypeSchema, { type });
const simple = (value: SimpleType) => typeOf({ case: "simple", value });
const file = typeOf({ case: "blob", value: { format: "csv" } });
const union = typeOf({
  case: "unionType",
  value: { variants: [simple(SimpleType.DURATION), simple(SimpleType.NONE)] },
});

const types = [
  undefined,
  ...Object.values(SimpleType).flatMap((value) =>
    typeof value === "number" ? [simple(value)] : [],
  ),
  typeOf({ case: "enumType", value: { values: ["A"] } }),
  typeOf({ case: "collectionType", value: simple(SimpleType.INTEGER) }),
  typeOf({ case: "mapValueType", value: simple(SimpleType.INTEGER) }),
  typeOf({ case: "structuredDatasetType", value: {} }),
  file,
  union,
];

test("every value is of a kind, whatever its type says", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(...types), (value, type) => {
      const kind = toValueKind(value as JsonValue, type);
      if (value === null) expect(kind.kind).toBe("nothing");
      if (kind.kind === "list") expect(kind.items).toBe(value);
      if (kind.kind === "record") expect(Object.fromEntries(kind.entries)).toEqual(value);
      if (kind.kind === "text") expect(kind.text).toBe(value);
    }),
  );
});

describe("toValueKind", () => {
  test.each([
    [
      "a big integer",
      9007199254740993n,
      simple(SimpleType.INTEGER),
      { kind: "number", text: "9007199254740993" },
    ],
    ["NaN", "NaN", simple(SimpleType.FLOAT), { kind: "number", text: "NaN" }],
    ["a text of digits", "42", simple(SimpleType.STRING), { kind: "text", text: "42" }],
    ["a duration", 5400, simple(SimpleType.DURATION), { kind: "duration", seconds: 5400 }],
    ["a duration that may be left out", 5, union, { kind: "duration", seconds: 5 }],
    [
      "a date",
      "2024-01-02",
      simple(SimpleType.DATETIME),
      { kind: "datetime", text: "2024-01-02", at: undefined },
    ],
    ["no datetime", "tomorrow", simple(SimpleType.DATETIME), { kind: "text", text: "tomorrow" }],
    [
      "a datetime",
      "2024-01-02T03:04:05+00:00",
      simple(SimpleType.DATETIME),
      { kind: "datetime", text: "2024-01-02T03:04:05+00:00", at: new Date("2024-01-02T03:04:05Z") },
    ],
    [
      "a file",
      { path: "s3://b/in.csv", name: "in.csv", format: "csv", hash: "a1" },
      file,
      { kind: "reference", what: "file", uri: "s3://b/in.csv", format: "csv", hash: "a1" },
    ],
    [
      "a pickle",
      { base64: "gASVLg==", format: "PythonPickle" },
      simple(SimpleType.BINARY),
      { kind: "bytes", base64: "gASVLg==", what: "Python pickle, which only Python can read" },
    ],
    [
      "what was too large",
      { uri: "s3://b/x", format: "offloaded", size_bytes: 7 },
      simple(SimpleType.STRUCT),
      { kind: "reference", what: "kept outside, 7 bytes", uri: "s3://b/x", format: "", hash: "" },
    ],
    [
      "a struct that looks like a file",
      { uri: "s3://b/x" },
      simple(SimpleType.STRUCT),
      { kind: "record", entries: [["uri", "s3://b/x"]], valueType: undefined },
    ],
  ] as const)("%s", (_, value, type, expected) => {
    expect(toValueKind(value, type)).toEqual(expected);
  });

  test("keys that objects have anyway are fields like others", () => {
    const value = JSON.parse('{"__proto__": 1, "constructor": 2, "toString": 3}') as JsonValue;
    const kind = toValueKind(value, undefined);
    const keys = kind.kind === "record" ? kind.entries.map(([key]) => key) : [];
    expect(keys).toEqual(["__proto__", "constructor", "toString"]);
    expect(columnsOf([value])).toEqual(["__proto__", "constructor", "toString"]);
    expect(toValueKind({}, file).kind).toBe("record");
  });
});

test("a table is for records with few fields", () => {
  expect(columnsOf([{ a: 1 }, { b: 2, a: 3 }])).toEqual(["a", "b"]);
  expect(columnsOf([{ a: 1 }, 2])).toBeUndefined();
  expect(columnsOf([{}, {}])).toBeUndefined();
  expect(columnsOf([])).toBeUndefined();
  const wide = Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`f${at}`, at]));
  expect(columnsOf([wide])).toBeUndefined();
});

test("the size of base64 is that of its bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(sizeOfBase64(Buffer.from(bytes).toString("base64"))).toBe(bytes.length);
    }),
  );
});
