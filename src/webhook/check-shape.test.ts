import fc from "fast-check";
import { expect, test } from "vitest";
import { type JsonValue, stringifyJson } from "../shared/json.ts";
import { checkShape } from "./check-shape.ts";
import { list, map, nullable, object, optional, text } from "./json-schema.ts";

const messages = (faults: ReturnType<typeof checkShape>) =>
  faults.map(({ path, message }) => `${path.join(".")} ${message}`);

test("an object is no array, no scalar and not null", () => {
  const schema = map("Inputs.");
  expect(checkShape(schema, {}, [])).toEqual([]);
  for (const [value, actual] of [
    [[], "an array"],
    [null, "null"],
    ["x", "a string"],
    [1, "an integer"],
    [1.5, "a number"],
    [1n, "an integer"],
    [true, "a boolean"],
  ] as const) {
    expect(messages(checkShape(schema, value, ["body"]))).toEqual([
      `body must be an object, not ${actual}`,
    ]);
  }
});

test("faults deep inside carry their place", () => {
  const schema = optional({ pip: nullable(list(text)), query: nullable(map("Query.")) });
  expect(messages(checkShape(schema, { pip: ["a", 1, null], query: 3 }, ["body"]))).toEqual([
    "body.pip.1 must be a string, not an integer",
    "body.pip.2 must be a string, not null",
    "body.query must be an object or null, not an integer",
  ]);
  expect(checkShape(schema, { pip: null, other: 1 }, [])).toEqual([]);
});

test("a member that is only inherited is missing", () => {
  expect(messages(checkShape(object({ toString: text }), {}, []))).toEqual([
    "toString is required",
  ]);
});

test("no JSON value throws", () => {
  const schema = object({ a: list(object({ b: text })), c: nullable(map("C.")) });
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(stringifyJson(value as JsonValue)).toBeTypeOf("string");
      checkShape(schema, value as JsonValue, []);
    }),
  );
});
