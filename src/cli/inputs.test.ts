import fc from "fast-check";
import { expect, test } from "vitest";
import { FlyteError } from "../shared/errors.ts";
import type { JsonValue } from "../shared/json.ts";
import { parsePairs, readInputs, toInputsObject } from "./inputs.ts";

const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/);

test("every name=value pair is read back, whatever the value holds", () => {
  fc.assert(
    fc.property(fc.dictionary(name, fc.string()), (wanted) => {
      const pairs = Object.entries(wanted).map(([key, value]) => `${key}=${value}`);
      expect(parsePairs(pairs, "--env")).toEqual({ ...wanted });
    }),
  );
});

test("a pair without a name or an equals sign names the option", () => {
  for (const pair of ["", "x", "=1"]) {
    expect(() => parsePairs([pair], "--label")).toThrow(/^--label .* Write --label name=value\.$/);
  }
});

/** What `--input x=TEXT` becomes for an input of this schema. */
function read(text: string, schema: JsonValue): JsonValue | undefined {
  const inputs = { all: {}, single: { x: text } };
  return toInputsObject(inputs, { type: "object", properties: { x: schema } })["x"];
}

test.each<[text: string, schema: JsonValue, value: JsonValue]>([
  ["5", { type: "integer" }, 5],
  ["5", { type: "number" }, 5],
  ["5", { type: "string" }, "5"],
  ["null", { type: "string" }, "null"],
  ["[1]", { type: "string" }, "[1]"],
  ['"5"', { type: "string" }, "5"],
  ["hello", { type: "string" }, "hello"],
  ["true", { type: "boolean" }, true],
  ["7", { anyOf: [{ type: "string" }, { type: "null" }] }, "7"],
  ["null", { anyOf: [{ type: "string" }, { type: "null" }] }, null],
  ["7", { anyOf: [{ type: "string" }, { type: "integer" }] }, 7],
  ["1", { enum: ["1", "2"] }, "1"],
  ["5", { type: "array" }, 5],
  ["hello", { type: "integer" }, "hello"],
  ["5", {}, 5],
])("%s for %j is read as %j", (text, schema, value) => {
  expect(read(text, schema)).toEqual(value);
});

test("text for a string input arrives as it was written, unless it is a JSON string", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      fc.pre(!text.trim().startsWith('"'));
      expect(read(text, { type: "string" })).toBe(text);
    }),
  );
});

test("a single input wins over --inputs, and unknown ones are kept for the check", async () => {
  const written = await readInputs('{"x": 1, "y": 2}', ["x=3", "other=[1]"]);
  expect(
    toInputsObject(written, { type: "object", properties: { x: { type: "integer" } } }),
  ).toEqual({ x: 3, y: 2, other: [1] });
});

test.each([
  ["[1]", "an array"],
  ["3", "a number"],
  ["null", "null"],
  ["{", "not JSON"],
])("--inputs %s is refused as %s", async (text, says) => {
  const error = await readInputs(text, []).catch((thrown: unknown) => thrown);
  expect(FlyteError.is(error) && error.code).toBe("invalid_input");
  expect(String(error)).toContain(says);
  expect(String(error)).toContain("--inputs");
});

test("an absent file of --inputs is named", async () => {
  await expect(readInputs("@no/such.json", [])).rejects.toThrow(
    "--inputs @no/such.json: the file cannot be read (ENOENT).",
  );
});
