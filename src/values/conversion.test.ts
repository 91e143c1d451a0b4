import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { plain, sample, typeOf } from "../../test/support/value-samples.ts";
import { LiteralSchema } from "../idl/literals.ts";
import { FlyteError } from "../shared/errors.ts";
import { type JsonValue, parseJson, stringifyJson } from "../shared/json.ts";
import { fromLiteral, toLiteral } from "./literals.ts";

function orOurError<Result>(run: () => Result): Result | undefined {
  try {
    return run();
  } catch (error) {
    if (FlyteError.is(error)) return undefined;
    throw error;
  }
}

test("a value of any type survives JSON, conversion and the wire", () => {
  fc.assert(
    fc.property(sample, ({ type: json, value }) => {
      const type = typeOf(json);
      const literal = toLiteral(value, type);
      const received = fromBinary(LiteralSchema, toBinary(LiteralSchema, literal));
      const result = fromLiteral(received, type);
      expect(result).toEqual(value);
      const text = stringifyJson(result);
      expect(stringifyJson(fromLiteral(toLiteral(parseJson(text), type), type))).toBe(text);
    }),
    { numRuns: 1000 },
  );
});

test("literals built by hand equal those of the library", () => {
  fc.assert(
    fc.property(sample, ({ type, value }) => {
      const literal = toLiteral(value, typeOf(type));
      expect(literal).toEqual(create(LiteralSchema, literal));
    }),
  );
});

test("any value against any type is converted or refused with faults", () => {
  const hostile = fc.oneof(
    plain,
    fc.jsonValue().map((value) => value as JsonValue),
    fc.constantFrom<JsonValue>(2n ** 200n, -0, Number.NaN, Number.MAX_VALUE, "\udfff", {
      __proto__: null,
    }),
    fc.dictionary(fc.constantFrom("constructor", "__proto__", "toString", "uri", "$type"), plain),
  );
  fc.assert(
    fc.property(sample, hostile, ({ type: json }, value) => {
      const type = typeOf(json);
      const literal = orOurError(() => toLiteral(value, type));
      if (literal === undefined) return;
      const received = fromBinary(LiteralSchema, toBinary(LiteralSchema, literal));
      stringifyJson(fromLiteral(received, type));
    }),
    { numRuns: 2000 },
  );
});

test("any literal against any type is read or refused with our error", () => {
  fc.assert(
    fc.property(sample, sample, ({ type, value }, other) => {
      const literal = toLiteral(value, typeOf(type));
      stringifyJson(orOurError(() => fromLiteral(literal, typeOf(other.type))) ?? null);
      stringifyJson(fromLiteral(literal));
    }),
    { numRuns: 1000 },
  );
});

test("any bytes that decode to a literal are read or refused with our error", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc
      .tuple(sample, fc.nat(), fc.integer({ min: 0, max: 255 }))
      .map(([{ type, value }, at, byte]) => {
        const good = toBinary(LiteralSchema, toLiteral(value, typeOf(type)));
        return good.length === 0 ? good : good.with(at % good.length, byte);
      }),
  );
  fc.assert(
    fc.property(bytes, sample, (wire, { type }) => {
      let literal: ReturnType<typeof toLiteral>;
      try {
        literal = fromBinary(LiteralSchema, wire);
      } catch {
        return;
      }
      stringifyJson(orOurError(() => fromLiteral(literal, typeOf(type))) ?? null);
      stringifyJson(orOurError(() => fromLiteral(literal)) ?? null);
    }),
    { numRuns: 3000 },
  );
});
