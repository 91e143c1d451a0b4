import { fromJson, type JsonValue as ProtoJson, toJson } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { LiteralSchema, type LiteralType, LiteralTypeSchema } from "../idl/literals.ts";
import { FlyteError } from "../shared/errors.ts";
import type { JsonValue } from "../shared/json.ts";
import { fromLiteral, toLiteral } from "./literals.ts";

const variants: Readonly<Record<string, ProtoJson>> = {
  int: { simple: "INTEGER", structure: { tag: "int" } },
  float: { simple: "FLOAT", structure: { tag: "float" } },
  str: { simple: "STRING", structure: { tag: "str" } },
  bool: { simple: "BOOLEAN", structure: { tag: "bool" } },
  none: { simple: "NONE", structure: { tag: "none" } },
  datetime: { simple: "DATETIME", structure: { tag: "datetime" } },
  dict: { simple: "STRUCT", structure: { tag: "dict" } },
  file: { blob: {}, structure: { tag: "File" } },
  colour: { enumType: { values: ["red"] }, structure: { tag: "DefaultEnumTransformer" } },
  ints: { collectionType: { simple: "INTEGER" }, structure: { tag: "Typed List" } },
  floats: { collectionType: { simple: "FLOAT" }, structure: { tag: "Typed List" } },
  texts: { collectionType: { simple: "STRING" }, structure: { tag: "Typed List" } },
  A: model("A", "x"),
  B: model("B", "y"),
  C: model("C", "x"),
};

function model(title: string, field: string): ProtoJson {
  return {
    simple: "STRUCT",
    structure: { tag: "Pydantic Transformer" },
    metadata: {
      title,
      type: "object",
      properties: { [field]: { type: "integer" } },
      required: [field],
    },
  };
}

function union(...names: string[]): LiteralType {
  const chosen = names.map((name) => variants[name] ?? null);
  return fromJson(LiteralTypeSchema, { unionType: { variants: chosen } });
}

function choice(value: JsonValue, type: LiteralType): string {
  try {
    const literal = toLiteral(value, type);
    const json = toJson(LiteralSchema, literal) as { scalar: { union: { type: ProtoJson } } };
    const names = Object.keys(variants);
    return names.find((name) => sameType(variants[name], json.scalar.union.type)) ?? "?";
  } catch (error) {
    if (FlyteError.is(error)) return error.message;
    throw error;
  }
}

function sameType(left: ProtoJson | undefined, right: ProtoJson): boolean {
  const normal = (json: ProtoJson) =>
    JSON.stringify(toJson(LiteralTypeSchema, fromJson(LiteralTypeSchema, json)));
  return left !== undefined && normal(left) === normal(right);
}

test.each<[JsonValue, string[], string]>([
  [5, ["float", "int", "none"], "int"],
  [5.5, ["int", "float"], "float"],
  [5, ["float", "str"], "float"],
  [true, ["int", "bool"], "bool"],
  [true, ["int", "str"], "int"],
  ["red", ["colour", "str"], "str"],
  ["red", ["colour", "file"], "colour"],
  ["2024-01-01", ["file", "datetime"], "datetime"],
  ["s3://b/k", ["file", "datetime"], "file"],
  [null, ["int", "none"], "none"],
  [{ x: 1 }, ["A", "B"], "A"],
  [{ x: 1, y: 2 }, ["dict", "A"], "dict"],
  [[1, 2], ["floats", "ints"], "ints"],
  [[1, 2.5], ["ints", "floats"], "floats"],
  [["a"], ["ints", "texts"], "texts"],
  [{ $type: "float", value: 5 }, ["int", "float"], "float"],
  [{ $type: "C", value: { x: 1 } }, ["A", "C"], "C"],
  [{ $type: "list<string>", value: [] }, ["ints", "texts"], "texts"],
  [{ $type: "other", value: 1 }, ["dict", "int"], "dict"],
])("%j in a union of %j is %s", (value, names, expected) => {
  expect(choice(value, union(...names))).toBe(expected);
});

test("a value that fits several variants equally well must name one", () => {
  expect(choice({ x: 1 }, union("A", "C"))).toBe(
    'the value fits several types ("A", "C"), give {"$type": one of them, "value": the value}',
  );
  expect(choice([], union("ints", "texts"))).toContain('("list<integer>", "list<string>")');
});

test("a value that fits none is told what would", () => {
  expect(choice("x", union("int", "bool"))).toBe(
    'expected one of the types integer, boolean, got "x"',
  );
  expect(choice("x", union("int", "none"))).toBe('expected an integer, got "x"');
  expect(choice(null, union("int", "str"))).toBe(
    "expected one of the types integer, string, got null",
  );
  expect(choice(1, union())).toBe("expected one of the types (none), got 1");
  expect(choice([1, "x"], union("ints", "none"))).toBe('[1]: expected an integer, got "x"');
});

test("a union reads by its stored variant, else by the declared one with its tag", () => {
  const value = { scalar: { primitive: { floatValue: 2 } } };
  const untyped = fromJson(LiteralSchema, { scalar: { union: { value } } });
  expect(fromLiteral(untyped, union("int", "none"))).toBe(2);
  expect(fromLiteral(fromJson(LiteralSchema, { scalar: { union: {} } }))).toBe(null);
});
