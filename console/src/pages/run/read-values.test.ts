import { create } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Literal,
  LiteralSchema,
  LiteralTypeSchema,
  SimpleType,
  TypedInterfaceSchema,
} from "../../../../src/idl/literals.ts";
import { InputsSchema, OutputsSchema } from "../../../../src/idl/tasks.ts";
import { toLiteral } from "../../../../src/values/literals.ts";
import { fromNamedOutputs } from "../../../../src/values/task-inputs.ts";
import { readInputs, readOutputs } from "./read-values.ts";

const simple = (value: SimpleType) =>
  create(LiteralTypeSchema, { type: { case: "simple", value } });
const text = (value: string) => toLiteral(value, simple(SimpleType.STRING));
const variable = (key: string) => ({
  key,
  value: { type: simple(SimpleType.STRING) },
});
const iface = create(TypedInterfaceSchema, {
  inputs: { variables: [variable("a"), variable("b")] },
  outputs: { variables: [variable("x"), variable("y")] },
});
/** Nothing that MessagePack allows. */
const broken: Literal = create(LiteralSchema, {
  value: {
    case: "scalar",
    value: {
      value: { case: "binary", value: { tag: "msgpack", value: new Uint8Array([0xc1, 0xff]) } },
    },
  },
});

test("values come by the names of the interface", () => {
  const inputs = create(InputsSchema, { literals: [{ name: "a", value: text("one") }] });
  expect(readInputs(inputs, iface)).toEqual({ values: { a: "one" }, broken: [] });
  const outputs = create(OutputsSchema, {
    literals: [
      { name: "o0", value: text("first") },
      { name: "o1", value: text("second") },
    ],
  });
  expect(readOutputs(outputs, iface).values).toEqual({ x: "first", y: "second" });
  const declared = create(OutputsSchema, {
    literals: [
      { name: "y", value: text("second") },
      { name: "x", value: text("first") },
    ],
  });
  expect(readOutputs(declared, iface).values).toEqual({ x: "first", y: "second" });
});

test("one that cannot be converted is shown raw and leaves the others as they are", () => {
  const literals = [
    { name: "o0", value: broken },
    { name: "o1", value: text("good") },
  ];
  expect(readOutputs(create(OutputsSchema, { literals }), iface)).toEqual({
    values: { y: "good" },
    broken: [{ name: "x", problem: expect.any(String), raw: expect.stringContaining("wf8=") }],
  });
  const inputs = create(InputsSchema, { literals: [{ name: "a", value: broken }] });
  expect(readInputs(inputs, iface)).toMatchObject({ values: {}, broken: [{ name: "a" }] });
});

test("what can be converted is what the client makes of it, whatever its names are", () => {
  const literal = fc.record({
    name: fc.constantFrom("x", "y", "o0", "o1", "o2", "else"),
    value: fc.string().map(text),
  });
  const all = fc.uniqueArray(literal, { selector: ({ name }) => name });
  fc.assert(
    fc.property(all, fc.boolean(), (literals, isTyped) => {
      const outputs = create(OutputsSchema, { literals });
      const types = isTyped ? iface : undefined;
      const expected = literals.length === 0 ? {} : fromNamedOutputs(outputs, types);
      expect(readOutputs(outputs, types).values).toEqual(expected);
    }),
  );
});
