import fc from "fast-check";
import { expect, test } from "vitest";
import { FlyteError } from "../../shared/errors.ts";
import { toJsonInputs } from "./to-json-inputs.ts";

test("values that are JSON already come back unchanged", () => {
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.string().filter((key) => key !== "__proto__"),
        // That key is refused at any depth, where the inputs are converted.
        fc
          .jsonValue({ maxDepth: 4 })
          .filter((value) => !JSON.stringify(value).includes('"__proto__"')),
      ),
      (inputs) => {
        const plain = JSON.parse(JSON.stringify(inputs));
        expect(toJsonInputs(plain)).toEqual(plain);
      },
    ),
  );
});

test("no value makes it throw anything but our error", () => {
  fc.assert(
    fc.property(
      fc.object({
        withBigInt: true,
        withDate: true,
        withMap: true,
        withSet: true,
        withTypedArray: true,
        withNullPrototype: true,
      }),
      (inputs) => {
        try {
          toJsonInputs(inputs);
        } catch (error) {
          expect(FlyteError.is(error) && error.code).toBe("invalid_input");
        }
      },
    ),
  );
});

test("dates, big integers, bytes and toJSON objects get their JSON form", () => {
  const inputs = {
    at: new Date(Date.UTC(2026, 0, 2)),
    big: 9_007_199_254_740_993n,
    bytes: new Uint8Array([1, 2, 255]),
    page: new URL("https://example.com/a"),
    left: undefined,
    list: [null, { deep: new Date(0) }],
  };
  expect(toJsonInputs(inputs)).toEqual({
    at: "2026-01-02T00:00:00.000Z",
    big: 9_007_199_254_740_993n,
    bytes: "AQL/",
    page: "https://example.com/a",
    list: [null, { deep: "1970-01-01T00:00:00.000Z" }],
  });
});

test("every value without a JSON form is named with its path", () => {
  class Model {}
  const inputs = {
    call: () => 1,
    list: [1, Symbol("no"), undefined],
    map: new Map(),
    model: { inner: new Model() },
    never: new Date(Number.NaN),
    get broken(): number {
      throw new Error("secret");
    },
  };
  expect(() => toJsonInputs({ nested: inputs })).toThrow("nested: the value cannot be read");
  const { broken: _, ...rest } = Object.getOwnPropertyDescriptors(inputs);
  const error = caught(() => toJsonInputs(Object.defineProperties({}, rest)));
  expect(error.faults.map(({ path }) => path.join("."))).toEqual([
    "call",
    "list.1",
    "list.2",
    "map",
    "model.inner",
    "never",
  ]);
  expect(error.message).toContain(
    "model.inner: a plain object or an array is expected, not an instance of Model",
  );
});

test("values that contain themselves, endless toJSON and prototype keys are faults, not crashes", () => {
  const self: Record<string, unknown> = {};
  self["self"] = { self };
  const endless = { toJSON: (): unknown => ({ ...endless }) };
  const hostile = JSON.parse('{"__proto__": {"admin": true}}');
  expect(() => toJsonInputs({ self: self["self"] })).toThrow(
    "self.self.self: the value contains itself",
  );
  expect(() => toJsonInputs({ endless })).toThrow("endless: nested deeper than 64 levels");
  expect(() => toJsonInputs(hostile)).toThrow("__proto__: this key is not allowed");
});

test("a list, a date or a map in place of the inputs object is refused", () => {
  for (const inputs of [[1], new Date(), new Map()]) {
    expect(() => toJsonInputs(inputs)).toThrow("inputs must be a plain object");
  }
});

function caught(action: () => unknown): FlyteError {
  try {
    action();
  } catch (error) {
    if (FlyteError.is(error)) return error;
  }
  throw new Error("expected a FlyteError");
}
