import {
  create,
  fromBinary,
  fromJson,
  type JsonValue as ProtoJson,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { UploadInputsRequestSchema } from "../idl/data-proxy.ts";
import {
  LiteralSchema,
  type LiteralType,
  LiteralTypeSchema,
  SimpleType,
  TypedInterfaceSchema,
} from "../idl/literals.ts";
import { InputsSchema, NamedParameterSchema, OutputsSchema } from "../idl/tasks.ts";
import { FlyteError } from "../shared/errors.ts";
import type { JsonObject, JsonValue } from "../shared/json.ts";
import { toLiteral } from "./literals.ts";
import { fromInputs, fromNamedOutputs, fromOutputs, toInputs } from "./task-inputs.ts";

const integer = simple(SimpleType.INTEGER);
const text = simple(SimpleType.STRING);

function simple(value: SimpleType): LiteralType {
  return create(LiteralTypeSchema, { type: { case: "simple", value } });
}

function task(
  inputs: Readonly<Record<string, LiteralType>>,
  defaults: JsonObject = {},
  outputs: Readonly<Record<string, LiteralType>> = {},
) {
  const variables = (types: Readonly<Record<string, LiteralType>>) => ({
    variables: Object.entries(types).map(([key, type]) => ({ key, value: { type } })),
  });
  return {
    interface: create(TypedInterfaceSchema, {
      inputs: variables(inputs),
      outputs: variables(outputs),
    }),
    defaultInputs: Object.entries(defaults).map(([name, value]) =>
      create(NamedParameterSchema, {
        name,
        parameter: {
          behavior: { case: "default", value: toLiteral(value, inputs[name] ?? integer) },
        },
      }),
    ),
  };
}

function faults(run: () => unknown): readonly string[] {
  try {
    run();
  } catch (error) {
    if (FlyteError.is(error)) return error.message.split("; ");
    throw error;
  }
  return [];
}

test("every input of the interface is sent, in its order, defaults as they are stored", () => {
  const described = task({ b: integer, a: text, constructor: integer }, { b: 7, constructor: 1 });
  const inputs = toInputs(described, { a: "x" });
  expect(inputs.literals.map(({ name }) => name)).toEqual(["b", "a", "constructor"]);
  const parameter = described.defaultInputs[0]?.parameter;
  expect(inputs.literals[0]?.value).toBe(parameter?.behavior.value);
  const sent = fromBinary(InputsSchema, toBinary(InputsSchema, inputs));
  expect(fromInputs(sent, described.interface)).toEqual({ b: 7, a: "x", constructor: 1 });
});

test("unknown, missing and ill-typed inputs are reported together", () => {
  const values = create(LiteralTypeSchema, { type: { case: "collectionType", value: integer } });
  const described = task({ values, name: text, window: integer }, { window: 3 });
  expect(faults(() => toInputs(described, { values: [1, "x"], windw: 2, toString: 1 }))).toEqual([
    'windw: unknown input, did you mean "window"?',
    "toString: unknown input, known are values, name, window",
    'values[1]: expected an integer, got "x"',
    "name: required, the task has no default for this input",
  ]);
});

test("a task without an interface takes no inputs", () => {
  expect(toInputs({ defaultInputs: [] }, {}).literals).toEqual([]);
  expect(faults(() => toInputs({ defaultInputs: [] }, { x: 1 }))).toEqual([
    "x: unknown input, the task takes none",
  ]);
});

test("a default input without a literal is still required", () => {
  const described = task({ x: integer });
  const required = create(NamedParameterSchema, {
    name: "x",
    parameter: { behavior: { case: "required", value: false } },
  });
  expect(faults(() => toInputs({ ...described, defaultInputs: [required] }, {}))[0]).toBe(
    "x: required, the task has no default for this input",
  );
});

test("outputs are named o0, o1, … in interface order; none at all is a null", () => {
  const { interface: iface } = task({}, {}, { mean: integer, max: text });
  const outputs = create(OutputsSchema, {
    literals: [
      { name: "max", value: toLiteral("top", text) },
      { name: "mean", value: toLiteral(4, integer) },
    ],
  });
  expect(fromOutputs(outputs, iface)).toEqual({ o0: 4, o1: "top" });
  expect(fromOutputs(outputs, undefined)).toEqual({ o0: "top", o1: 4 });
  expect(fromOutputs(create(OutputsSchema), iface)).toEqual({ o0: null });
  const [top] = outputs.literals;
  const partial = create(OutputsSchema, { literals: top === undefined ? [] : [top] });
  expect(fromOutputs(partial, iface)).toEqual({ o0: null, o1: "top" });
});

test("outputs the interface does not name are taken by their position", () => {
  const { interface: iface } = task({}, {}, { mean: integer });
  const float = create(LiteralTypeSchema, { type: { case: "simple", value: SimpleType.FLOAT } });
  const outputs = create(OutputsSchema, {
    literals: [{ name: "o0", value: toLiteral(4.5, float) }],
  });
  expect(fromOutputs(outputs, iface)).toEqual({ o0: 4 });
});

test("outputs have the names of the interface where those are asked for", () => {
  const { interface: iface } = task({}, {}, { mean: integer, label: text });
  const four = { name: "mean", value: toLiteral(4, integer) };
  const top = { name: "label", value: toLiteral("top", text) };
  const named = (...literals: (typeof four)[]) =>
    fromNamedOutputs(create(OutputsSchema, { literals }), iface);
  expect(JSON.stringify(named(top, four))).toBe('{"mean":4,"label":"top"}');
  expect(named(top)).toEqual({ mean: null, label: "top" });
  expect(named()).toEqual({ mean: null, label: null });
  const renamed = [four, top, top].map((literal, index) => ({ ...literal, name: `o${index}` }));
  expect(named(...renamed)).toEqual({ mean: 4, label: "top", o2: "top" });
  expect(fromNamedOutputs(create(OutputsSchema), undefined)).toEqual({});
  const unnamed = create(OutputsSchema, { literals: [top] });
  expect(fromNamedOutputs(unnamed, undefined)).toEqual({ label: "top" });
});

test("an unreadable value is reported with its name", () => {
  const value = fromJson(LiteralSchema, {
    scalar: { binary: { tag: "msgpack", value: Buffer.from([0xc1]).toString("base64") } },
  });
  const inputs = create(InputsSchema, { literals: [{ name: "broken", value }] });
  expect(faults(() => fromInputs(inputs, undefined))[0]).toMatch(/^broken: .*MessagePack/);
});

test("an optional integer is a union with the variant's type from the interface", () => {
  const optional = fromJson(LiteralTypeSchema, {
    unionType: {
      variants: [
        { simple: "INTEGER", structure: { tag: "int" } },
        { simple: "NONE", structure: { tag: "none" } },
      ],
    },
  });
  const [five, nothing] = toInputs(task({ x: optional, y: optional }), { x: 5, y: null }).literals;
  expect(toJson(LiteralSchema, five?.value ?? create(LiteralSchema))).toEqual({
    scalar: {
      union: {
        value: { scalar: { primitive: { integer: "5" } } },
        type: { simple: "INTEGER", structure: { tag: "int" } },
      },
    },
  });
  expect(toJson(LiteralSchema, nothing?.value ?? create(LiteralSchema))).toEqual({
    scalar: {
      union: {
        value: { scalar: { noneType: {} } },
        type: { simple: "NONE", structure: { tag: "none" } },
      },
    },
  });
});

test.each(["unionType", "mapValueType", "collectionType"])(
  "the deepest %s that is accepted can still be decoded from a request",
  (kind) => {
    let json: ProtoJson = { simple: "DATETIME" };
    let value: JsonValue = "2024-01-01";
    for (let depth = 0; depth < 30; depth += 1) {
      json = { [kind]: kind === "unionType" ? { variants: [json] } : json };
      if (kind === "mapValueType") value = { key: value };
      if (kind === "collectionType") value = [value];
    }
    const inputs = toInputs(task({ x: fromJson(LiteralTypeSchema, json) }), { x: value });
    const request = create(UploadInputsRequestSchema, { inputs });
    const bytes = toBinary(UploadInputsRequestSchema, request);
    expect(fromBinary(UploadInputsRequestSchema, bytes).inputs).toEqual(inputs);
  },
);
