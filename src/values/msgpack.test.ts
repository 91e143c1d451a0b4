import { decode, encode } from "@msgpack/msgpack";
import fc from "fast-check";
import { expect, test } from "vitest";
import { FlyteError } from "../shared/errors.ts";
import type { JsonValue } from "../shared/json.ts";
import { readMsgpack } from "./msgpack-reader.ts";
import { Float64, writeMsgpack } from "./msgpack-writer.ts";
import { numberToJson } from "./plain-values.ts";

const json: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constant(null),
    fc.boolean(),
    // The other implementation writes negative zero as the integer 0; ours has a row of its own below.
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
    fc.integer(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }).map(numberToJson),
    fc.string({ unit: "grapheme", maxLength: 300 }),
    fc.array(tie("value"), { maxLength: 40 }),
    fc.dictionary(
      fc.string().filter((key) => key !== "__proto__"),
      tie("value"),
      { maxKeys: 20, noNullPrototype: true },
    ),
  ),
})).value;

test("what is written is read back, by us and by another implementation", () => {
  fc.assert(
    fc.property(json, (value) => {
      const bytes = writeMsgpack(value);
      expect(readMsgpack(bytes)).toStrictEqual(value);
      expect(
        readMsgpack(encode(decode(bytes, { useBigInt64: true }), { useBigInt64: true })),
      ).toEqual(value);
    }),
  );
});

test.each<[JsonValue | Float64, string]>([
  [0, "00"],
  [-0, "cb8000000000000000"],
  [127, "7f"],
  [128, "cc80"],
  [-32, "e0"],
  [-33, "d0df"],
  [65536, "ce00010000"],
  [2 ** 32, "cf0000000100000000"],
  [-(2 ** 31) - 1, "d3ffffffff7fffffff"],
  [2n ** 64n - 1n, "cfffffffffffffffff"],
  [1.5, "cb3ff8000000000000"],
  [-0, "cb8000000000000000"],
  [new Float64(1), "cb3ff0000000000000"],
  [["é"], "91a2c3a9"],
])("%o is written as %s", (value, hex) => {
  expect(Buffer.from(writeMsgpack(value)).toString("hex")).toBe(hex);
});

test("bytes, floats, extensions and odd keys have JSON forms", () => {
  const read = (...bytes: number[]) => readMsgpack(Uint8Array.from(bytes));
  expect(read(0xc4, 2, 0x68, 0x69)).toBe("hi");
  expect(read(0xc4, 1, 0xff)).toEqual({ base64: "/w==" });
  expect(read(0xca, 0x7f, 0xc0, 0, 0)).toBe("NaN");
  expect(read(0xd4, 0xff, 1)).toEqual({ extension: -1, base64: "AQ==" });
  expect(read(0x82, 0x01, 0x02, 0xc0, 0x03)).toEqual({ 1: 2, null: 3 });
});

test("any bytes are read or refused with our error, without memory for what is not there", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 64 }),
    json.chain((value) => {
      const good = writeMsgpack(value);
      return fc
        .tuple(fc.nat(good.length), fc.integer({ min: 0, max: 255 }))
        .map(([at, byte]) => good.with(Math.min(at, good.length - 1), byte));
    }),
  );
  fc.assert(
    fc.property(bytes, (value) => {
      try {
        readMsgpack(value);
      } catch (error) {
        expect(FlyteError.is(error)).toBe(true);
      }
    }),
  );
  expect(() => readMsgpack(Uint8Array.of(0xdd, 0xff, 0xff, 0xff, 0xff))).toThrow(/ends too early/);
  expect(() => readMsgpack(new Uint8Array(200).fill(0x91))).toThrow(/more than 100 deep/);
  expect(() => readMsgpack(Uint8Array.of(0x81, 0x90, 0x01))).toThrow(/no scalar/);
});
