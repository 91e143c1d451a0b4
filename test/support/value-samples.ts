import {
  fromBinary,
  fromJson,
  type JsonValue as ProtoJson,
  type JsonObject as ProtoObject,
  toBinary,
} from "@bufbuild/protobuf";
import fc from "fast-check";
import { type LiteralType, LiteralTypeSchema } from "../../src/idl/literals.ts";
import type { JsonValue } from "../../src/shared/json.ts";
import { numberToJson } from "../../src/values/plain-values.ts";

/** A type together with values of it, each given in the form in which it comes back. */
export interface Sample {
  readonly type: ProtoObject;
  readonly value: JsonValue;
}

const text = fc.string({ unit: "grapheme", maxLength: 12 });
const key = text.filter((name) => name !== "__proto__");
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(numberToJson);
const floats = fc.double().map((value) => numberToJson(value));
/** Any JSON. */
export const plain: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom<JsonValue>(null, true, false, 0.5, -1),
    int64,
    text,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(key, tie("value"), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;
const object = fc.dictionary(key, plain, { maxKeys: 4, noNullPrototype: true });
const datetimes = fc
  .tuple(
    fc.date({
      min: new Date("0001-01-01T00:00:00Z"),
      max: new Date("9999-12-31T23:59:59Z"),
      noInvalidDate: true,
    }),
    fc.nat(999_999_999),
  )
  .map(([date, nanos]) => {
    const digits = String(nanos).padStart(9, "0");
    const fraction = nanos === 0 ? "" : `.${nanos % 1000 === 0 ? digits.slice(0, 6) : digits}`;
    return `${date.toISOString().slice(0, 19)}${fraction}+00:00`;
  });
const durations = fc
  .integer({ min: -(10 ** 14), max: 10 ** 14 })
  .map((micros) => micros / 1e6 + 0 || 0);
const uris = key.filter((uri) => uri !== "" && !uri.includes("/") && !/\p{Cc}/u.test(uri));

function simple(name: string, values: fc.Arbitrary<JsonValue>): fc.Arbitrary<Sample> {
  return values.map((value) => ({ type: { simple: name }, value }));
}

const model: fc.Arbitrary<Sample> = fc
  .tuple(
    int64,
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Object.is(n, -0)),
    fc.option(text),
    fc.array(fc.boolean(), { maxLength: 3 }),
  )
  .map(([count, ratio, label, flags]) => ({
    type: {
      simple: "STRUCT",
      metadata: {
        title: "Model",
        type: "object",
        required: ["count", "ratio", "label", "flags"],
        properties: {
          count: { type: "integer" },
          ratio: { type: "number" },
          label: { anyOf: [{ type: "string" }, { type: "null" }] },
          flags: { type: "array", items: { type: "boolean" } },
        },
      },
    },
    value: { count, ratio, label, flags },
  }));

const leaf: fc.Arbitrary<Sample> = fc.oneof(
  simple("INTEGER", int64),
  simple("FLOAT", floats),
  simple("STRING", text),
  simple("BOOLEAN", fc.boolean()),
  simple("DATETIME", datetimes),
  simple("DURATION", durations),
  simple("NONE", fc.constant(null)),
  simple(
    "BINARY",
    fc
      .uint8Array({ maxLength: 9 })
      .map((bytes) => ({ base64: Buffer.from(bytes).toString("base64") })),
  ),
  simple(
    "ERROR",
    text.map((message) => ({ message })),
  ),
  simple("STRUCT", object),
  model,
  fc.record({
    type: fc.constant<ProtoObject>({ enumType: { values: ["a", "b"] } }),
    value: fc.constantFrom("a", "b"),
  }),
  fc.record({
    type: fc.constant<ProtoObject>({ blob: { format: "csv", dimensionality: "MULTIPART" } }),
    value: uris.map((uri) => ({ path: `s3://b/${uri}`, name: uri, format: "csv", hash: null })),
  }),
  fc.record({
    type: fc.constant<ProtoObject>({ structuredDatasetType: { format: "parquet" } }),
    value: uris.map((uri) => ({ uri: `s3://b/${uri}`, format: "parquet" })),
  }),
  fc.record({
    type: fc.constant<ProtoObject>({ schema: {} }),
    value: uris.map((uri) => ({ uri: `s3://b/${uri}` })),
  }),
);

/** A value of any type, nested in any way. */
export const sample: fc.Arbitrary<Sample> = fc.letrec<{ node: Sample }>((tie) => ({
  node: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    tie("node").map(({ type, value }) => ({
      type: { collectionType: type },
      value: [value, value],
    })),
    fc.tuple(tie("node"), key).map(([{ type, value }, name]) => ({
      type: { mapValueType: type },
      value: { [name]: value },
    })),
    fc.tuple(tie("node"), fc.boolean()).map(([{ type, value }, given]) => {
      const none = { simple: "NONE", structure: { tag: "none" } };
      const variants = [{ ...type, structure: { tag: "some" } }, none];
      return { type: { unionType: { variants } }, value: given ? value : null };
    }),
  ),
})).node;

/** A type as it comes over the wire. */
export function typeOf(json: ProtoJson): LiteralType {
  const type = fromJson(LiteralTypeSchema, json);
  return fromBinary(LiteralTypeSchema, toBinary(LiteralTypeSchema, type));
}
