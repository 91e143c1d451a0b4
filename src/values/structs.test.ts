import { fromJson, type JsonValue as ProtoJson } from "@bufbuild/protobuf";
import { decode } from "@msgpack/msgpack";
import { expect, test } from "vitest";
import { LiteralSchema, type LiteralType, LiteralTypeSchema } from "../idl/literals.ts";
import { FlyteError } from "../shared/errors.ts";
import type { JsonValue } from "../shared/json.ts";
import { fromLiteral, toLiteral } from "./literals.ts";

const point = {
  title: "Point",
  type: "object",
  required: ["y", "x"],
  properties: {
    x: { type: "integer" },
    y: { type: "number" },
    label: { anyOf: [{ type: "string" }, { type: "null" }], default: null },
    weight: { type: "number", default: 1 },
    tags: { type: "array", items: { type: "string" } },
    inner: { $ref: "#/$defs/Inner" },
  },
  $defs: {
    Inner: { type: "object", properties: { depth: { type: "integer", default: 3 } } },
  },
};

const node = {
  title: "Node",
  $ref: "#/$defs/Node",
  $defs: {
    Node: {
      type: "object",
      required: ["value"],
      properties: {
        value: { type: "integer" },
        next: { anyOf: [{ $ref: "#/$defs/Node" }, { type: "null" }], default: null },
      },
    },
  },
};

function struct(metadata: ProtoJson, tag = "Object-Dataclass-Transformer"): LiteralType {
  return fromJson(LiteralTypeSchema, { simple: "STRUCT", metadata, structure: { tag } });
}

const dataclass = struct(point);
const pydantic = struct(point, "Pydantic Transformer");

function bytes(value: JsonValue, type: LiteralType): Uint8Array {
  const { value: outer } = toLiteral(value, type);
  const inner = outer.case === "scalar" ? outer.value.value : undefined;
  if (inner?.case !== "binary") throw new Error("no binary literal");
  expect(inner.value.tag).toBe("msgpack");
  return inner.value.value;
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

test("fields come in the schema's order with its defaults, floats as float64", () => {
  const packed = bytes({ x: 1, y: 2 }, dataclass);
  expect([...packed.slice(0, 4)]).toEqual([0x86, 0xa1, 0x79, 0xcb]);
  expect(Object.entries(decode(packed) as object)).toEqual([
    ["y", 2],
    ["x", 1],
    // The other properties in the order the wire gave them.
    ["label", null],
    ["weight", 1],
    ["tags", []],
    ["inner", { depth: 3 }],
  ]);
  expect(fromLiteral(toLiteral({ x: 1, y: 2.5, label: "p" }, dataclass), dataclass)).toEqual({
    y: 2.5,
    x: 1,
    label: "p",
    weight: 1,
    tags: [],
    inner: { depth: 3 },
  });
});

test("a dataclass refuses unknown, missing and ill-typed fields, each with its path", () => {
  expect(
    fault({ x: 1.5, tagz: 1, tags: ["a", 2], inner: { depth: "x" } }, dataclass).split("; "),
  ).toEqual([
    "y: required, give a value",
    "x: expected an integer, got 1.5",
    "tags[1]: expected a string, got 2",
    'inner.depth: expected an integer, got "x"',
    'tagz: unknown field, did you mean "tags"?',
  ]);
});

test("a pydantic model keeps unknown fields after its own, unless the schema forbids them", () => {
  const keys = Object.keys(decode(bytes({ extra: [1], y: 2, x: 1 }, pydantic)) as object);
  expect(keys).toEqual(["y", "x", "label", "weight", "tags", "inner", "extra"]);
  const strict = struct({ ...point, additionalProperties: false }, "Pydantic Transformer");
  expect(fault({ extra: 1, y: 2, x: 1 }, strict)).toContain("extra: unknown field");
});

test("recursive models are converted as deep as the value goes", () => {
  const type = struct(node);
  const value = { value: 1, next: { value: 2, next: null } };
  expect(fromLiteral(toLiteral(value, type), type)).toEqual(value);
  expect(fault({ value: 1, next: { value: "x" } }, type)).toBe(
    'next.value: expected an integer, got "x"',
  );
});

test("enums, constants, tuples, typed maps and discriminated unions follow their schemas", () => {
  const type = struct({
    title: "All",
    type: "object",
    required: ["colour", "pair", "map", "pet"],
    properties: {
      colour: { enum: ["RED", "GREEN"] },
      pair: { type: "array", prefixItems: [{ type: "number" }, { type: "integer" }] },
      map: { type: "object", additionalProperties: { type: "number" } },
      pet: {
        oneOf: [{ $ref: "#/$defs/Cat" }, { $ref: "#/$defs/Dog" }],
        discriminator: {
          propertyName: "kind",
          mapping: { cat: "#/$defs/Cat", dog: "#/$defs/Dog" },
        },
      },
      any: { type: ["integer", "string", "null"] },
    },
    $defs: {
      Cat: { type: "object", properties: { kind: { const: "cat" }, lives: { type: "integer" } } },
      Dog: { type: "object", properties: { kind: { const: "dog" }, age: { type: "number" } } },
    },
  });
  const value = {
    colour: "RED",
    pair: [1, 2],
    map: { a: 1 },
    pet: { kind: "dog", age: 4 },
    any: "x",
  };
  expect(decode(bytes(value, type))).toEqual(value);
  expect(Buffer.from(bytes(value, type)).toString("hex")).toContain("a3616765cb4010000000000000");
  expect(fault({ ...value, colour: "BLUE", pet: { kind: "dog", age: "x" } }, type)).toContain(
    'colour: expected one of "RED", "GREEN", got "BLUE"; pet.age: expected a number',
  );
});

test("a struct with metadata but no schema is taken as it is", () => {
  const type = struct({ pb_type: "example.Message" });
  expect(decode(bytes({ any: [1] }, type))).toEqual({ any: [1] });
});

test("a generic struct is read with the integers of its schema", () => {
  const literal = fromJson(LiteralSchema, {
    scalar: { generic: { x: 2 ** 60, y: 2, tags: ["a"], other: 1 } },
  });
  expect(fromLiteral(literal, dataclass)).toEqual({
    x: 2n ** 60n,
    y: 2,
    tags: ["a"],
    other: 1,
  });
});

test("a default that breaks its own schema is used as it is", () => {
  const type = struct({
    title: "Odd",
    type: "object",
    required: [],
    properties: { x: { type: "integer", default: null } },
  });
  expect(decode(bytes({}, type))).toEqual({ x: null });
});

test("schemas that lead in circles or explode end with a fault or a value", () => {
  const circle = struct({ title: "C", $ref: "#/$defs/A", $defs: { A: { $ref: "#/$defs/A" } } });
  expect(fault({ x: 1 }, circle)).toBe("accepted");
  const self = struct({
    title: "S",
    type: "object",
    properties: { s: { $ref: "#" } },
    required: [],
  });
  expect(fault({}, self)).toMatch(/accepted|nested/);
  const bomb = struct({
    title: "B",
    type: "object",
    required: ["v"],
    properties: { v: { $ref: "#/$defs/L" } },
    $defs: {
      L: {
        anyOf: [
          { type: "array", items: { $ref: "#/$defs/L" } },
          { type: "array", items: { anyOf: [{ $ref: "#/$defs/L" }, { type: "integer" }] } },
        ],
      },
    },
  });
  let value: JsonValue = "x";
  for (let depth = 0; depth < 60; depth += 1) value = [value];
  expect(fault({ v: value }, bomb)).toContain("fits");
});
