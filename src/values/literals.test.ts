import {
  create,
  fromBinary,
  fromJson,
  type JsonValue as ProtoJson,
  toBinary,
} from "@bufbuild/protobuf";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import {
  type Literal,
  LiteralSchema,
  type LiteralType,
  LiteralTypeSchema,
} from "../idl/literals.ts";
import { FlyteError } from "../shared/errors.ts";
import type { JsonValue } from "../shared/json.ts";
import { fromLiteral, toLiteral } from "./literals.ts";

function typeOf(json: ProtoJson): LiteralType {
  return fromJson(LiteralTypeSchema, json);
}

function literalOf(json: ProtoJson): Literal {
  return fromJson(LiteralSchema, json);
}

function wire(literal: Literal): Literal {
  return fromBinary(LiteralSchema, toBinary(LiteralSchema, literal));
}

function through(value: JsonValue, type: LiteralType): JsonValue {
  return fromLiteral(wire(toLiteral(value, type)), type);
}

function fault(value: JsonValue, type: LiteralType): string {
  try {
    toLiteral(value, type);
  } catch (error) {
    if (FlyteError.is(error) && error.code === "invalid_input") return error.message;
    throw error;
  }
  return "accepted";
}

const simple = (name: string) => typeOf({ simple: name });
const file = typeOf({ blob: { format: "csv" } });

test.each<[string, JsonValue, JsonValue]>([
  ["INTEGER", 9223372036854775807n, 9223372036854775807n],
  ["INTEGER", -9223372036854775808n, -9223372036854775808n],
  ["INTEGER", 3.0, 3],
  ["INTEGER", true, 1],
  ["FLOAT", 3, 3],
  ["FLOAT", 2n ** 60n, 2 ** 60],
  ["FLOAT", "NaN", "NaN"],
  ["FLOAT", "-Infinity", "-Infinity"],
  ["DATETIME", "2024-01-02T03:04:05Z", "2024-01-02T03:04:05+00:00"],
  ["DATETIME", "2024-01-02T05:04:05.000005+02:00", "2024-01-02T03:04:05.000005+00:00"],
  ["DATETIME", "0001-01-01T00:00:00.000000001Z", "0001-01-01T00:00:00.000000001+00:00"],
  ["DATETIME", "2024-02-29", "2024-02-29T00:00:00+00:00"],
  ["DURATION", "PT1M30.000005S", 90.000005],
  ["DURATION", "-1h30m", -5400],
  ["DURATION", 0.1, 0.1],
  ["NONE", null, null],
  ["BINARY", "aGk=", { base64: "aGk=" }],
  ["BINARY", { base64: "gASULg==", tag: "" }, { base64: "gASULg==", format: "PythonPickle" }],
  ["ERROR", { message: "no" }, { message: "no" }],
  ["STRUCT", { a: [1, 2.5, null, { b: 2n ** 63n }] }, { a: [1, 2.5, null, { b: 2n ** 63n }] }],
])("%s %o comes back as %o", (name, value, expected) => {
  expect(through(value, simple(name))).toEqual(expected);
});

test.each<[string, JsonValue, string]>([
  ["INTEGER", 2n ** 63n, "9223372036854775808 does not fit a signed 64-bit integer"],
  ["INTEGER", 1.5, "expected an integer, got 1.5"],
  ["INTEGER", "1", 'expected an integer, got "1"'],
  ["INTEGER", null, "null is not allowed, give a value of type integer"],
  ["FLOAT", "1", 'expected a number (or "NaN", "Infinity", "-Infinity"), got "1"'],
  ["STRING", "\ud800", "the string holds half of a surrogate pair"],
  ["BOOLEAN", 1, "expected true or false, got 1"],
  ["DATETIME", "2023-02-29", "expected a datetime"],
  ["DATETIME", "0001-01-01T00:00:00+01:00", "in the years 0001 to 9999"],
  ["DURATION", "soon", "expected a duration"],
  ["DURATION", 1e300, "beyond 315,576,000,000 seconds"],
  ["BINARY", "a b", "expected base64 text"],
  ["STRUCT", [1], "expected an object, got a list"],
  ["STRUCT", { a: { b: [2n ** 64n] } }, "a.b[0]: the integer does not fit 64 bits"],
  ["STRUCT", { "\ud800": 1 }, "this key is not allowed"],
])("%s refuses %o: %s", (name, value, message) => {
  expect(fault(value, simple(name))).toContain(message);
});

test("a file is given as an address or an object and printed as Python prints it", () => {
  const printed = { path: "s3://b/k/x.bin", name: "x.bin", format: "csv", hash: null };
  expect(through("s3://b/k/x.bin", file)).toEqual(printed);
  expect(through(printed, file)).toEqual(printed);
  expect(through({ uri: "s3://b/d", format: "", hash: "h" }, file)).toEqual({
    path: "s3://b/d",
    name: "d",
    format: "",
    hash: "h",
  });
  expect(fault({ uri: "s3://b", dimensionality: "MULTIPART" }, file)).toContain(
    'dimensionality: expected "SINGLE", got "MULTIPART"',
  );
  expect(fault({ url: "s3://b" }, file)).toContain("expected an address");
  expect(fault({ uri: "s3://b", size: 1 }, file)).toContain("size: unknown key");
  expect(fault("flyte://x", file)).toContain("cannot be resolved here");
  const pickle = typeOf({ blob: { format: "PythonPickle" } });
  expect(through("s3://b/p", pickle)).toEqual({ uri: "s3://b/p", format: "PythonPickle" });
});

test("datasets and schemas are given by address and keep their columns", () => {
  const dataset = typeOf({
    structuredDatasetType: {
      format: "parquet",
      columns: [{ name: "x", literalType: { simple: "FLOAT" } }],
    },
  });
  expect(through("s3://b/df", dataset)).toEqual({ uri: "s3://b/df", format: "parquet" });
  expect(through({ uri: "s3://b/df", format: "csv" }, dataset)).toEqual({
    uri: "s3://b/df",
    format: "csv",
  });
  const literal = toLiteral("s3://b/df", dataset);
  expect(literal.value).toMatchObject({
    value: {
      value: { value: { metadata: { structuredDatasetType: { columns: [{ name: "x" }] } } } },
    },
  });
  expect(through("s3://b/t", typeOf({ schema: { columns: [{ name: "x" }] } }))).toEqual({
    uri: "s3://b/t",
  });
});

test("an enum takes its values and a fault lists them", () => {
  const colour = typeOf({ enumType: { values: ["RED", "GREEN"] } });
  expect(through("RED", colour)).toBe("RED");
  expect(fault("BLUE", colour)).toBe('expected one of "RED", "GREEN", got "BLUE"');
});

test("lists and maps report each faulty item", () => {
  const lists = typeOf({ mapValueType: { collectionType: { simple: "INTEGER" } } });
  expect(through({ a: [1], b: [], toString: [2] }, lists)).toEqual({
    a: [1],
    b: [],
    toString: [2],
  });
  expect(fault({ a: ["x", 1, null], b: 3 }, lists)).toBe(
    'a[0]: expected an integer, got "x"; a[2]: null is not allowed, give a value of type integer; ' +
      "b: expected a list of integer, got 3",
  );
});

test("faults are capped and the rest counted", () => {
  const list = typeOf({ collectionType: { simple: "INTEGER" } });
  expect(fault(new Array(100_000).fill("x"), list).split(";").length).toBeLessThan(110);
});

test("what the literal says prevails over the type, with the leniency of Python", () => {
  const float = literalOf({ scalar: { primitive: { floatValue: 2.9 } } });
  expect(fromLiteral(float, simple("INTEGER"))).toBe(2);
  const integer = literalOf({ scalar: { primitive: { integer: "9007199254740993" } } });
  expect(fromLiteral(integer, simple("FLOAT"))).toBe(9007199254740992);
  expect(fromLiteral(integer, simple("STRING"))).toBe(9007199254740993n);
  expect(fromLiteral(create(LiteralSchema))).toBe(null);
  const date = typeOf({ simple: "DATETIME", structure: { tag: "date" } });
  expect(through("2024-01-01", date)).toBe("2024-01-01");
});

test("an offloaded literal is a marker with its address", () => {
  const literal = literalOf({ offloadedMetadata: { uri: "s3://b/l", sizeBytes: "12" } });
  expect(fromLiteral(literal)).toEqual({ uri: "s3://b/l", format: "offloaded", size_bytes: 12 });
});

test("a kind of literal from a newer version is refused, not shown as null", () => {
  const unknown = fromBinary(LiteralSchema, Uint8Array.of(0x7a, 0x00));
  expect(() => fromLiteral(unknown)).toThrow(/does not know/);
});

test("a datetime no calendar holds is refused", () => {
  const datetime = create(TimestampSchema, { seconds: 2n ** 62n });
  const literal = create(LiteralSchema, {
    value: {
      case: "scalar",
      value: {
        value: { case: "primitive", value: { value: { case: "datetime", value: datetime } } },
      },
    },
  });
  expect(() => fromLiteral(literal)).toThrow(/years 0001 to 9999/);
});

test("a type nested too deeply is a fault", () => {
  let type: ProtoJson = { simple: "INTEGER" };
  let value: JsonValue = 1;
  for (let depth = 0; depth < 31; depth += 1) {
    type = { collectionType: type };
    value = [value];
  }
  expect(fault(value, typeOf(type))).toContain("nested more than 30 deep");
});

test("a struct that cannot be written is a fault even after all others that are kept", () => {
  const type = typeOf({ mapValueType: { simple: "STRUCT" } });
  const bad: Record<string, JsonValue> = { last: { x: 1 } };
  for (let index = 0; index < 150; index += 1) bad[`k${index}`] = { x: 2n ** 64n, y: [2n ** 80n] };
  expect(fault(bad, type)).toContain("does not fit 64 bits");
});
