import { fromJson, type JsonValue as ProtoJson } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { TypedInterfaceSchema } from "../idl/literals.ts";
import { NamedParameterSchema } from "../idl/tasks.ts";
import { toJsonSchema } from "./json-schema.ts";

function schemaOf(type: ProtoJson): unknown {
  const iface = fromJson(TypedInterfaceSchema, {
    inputs: { variables: [{ key: "x", value: { type } }] },
  });
  return (toJsonSchema(iface, [])["properties"] as { readonly x: unknown }).x;
}

test.each<[ProtoJson, unknown]>([
  [{ simple: "NONE" }, { type: "null" }],
  [{ simple: "INTEGER" }, { type: "integer" }],
  [{ simple: "FLOAT" }, { type: "number", format: "float" }],
  [{ simple: "DATETIME" }, { type: "string", format: "datetime" }],
  [{ simple: "STRUCT" }, { type: "object" }],
  [{ collectionType: { simple: "STRING" } }, { type: "array", items: { type: "string" } }],
  [
    { mapValueType: { simple: "BOOLEAN" } },
    { type: "object", additionalProperties: { type: "boolean" } },
  ],
  [{ enumType: { values: ["a", "b"] } }, { type: "string", enum: ["a", "b"] }],
  [
    { blob: { format: "csv", dimensionality: "MULTIPART" } },
    {
      type: "object",
      format: "blob",
      properties: {
        uri: { type: "string", default: "" },
        format: { type: "string", default: "csv" },
        dimensionality: { type: "string", enum: ["SINGLE", "MULTIPART"], default: "MULTIPART" },
      },
    },
  ],
  [
    { structuredDatasetType: {} },
    {
      type: "object",
      format: "structured-dataset",
      properties: { uri: { type: "string" }, format: { type: "string" } },
    },
  ],
  [{ unionType: { variants: [{ simple: "INTEGER" }, { simple: "NONE" }] } }, { type: "integer" }],
  [
    {
      unionType: {
        variants: [
          { simple: "INTEGER", structure: { tag: "int" } },
          { simple: "STRING", structure: { tag: "str" } },
        ],
      },
    },
    {
      oneOf: [
        { type: "integer", title: "int", structure: "int" },
        { type: "string", title: "str", structure: "str" },
      ],
      format: "union",
    },
  ],
  [
    {
      simple: "STRUCT",
      metadata: {
        title: "Point",
        type: "object",
        additionalProperties: false,
        properties: { x: { type: "integer" }, y: { type: "integer", default: 1 } },
      },
    },
    {
      type: "object",
      dataclass: "Point",
      properties: { x: { type: "integer" }, y: { type: "integer", default: 1 } },
      required: ["x"],
    },
  ],
  [{ schema: {} }, { type: "string" }],
  [{}, { type: "string" }],
])("%j is described as %j", (type, schema) => {
  expect(schemaOf(type)).toEqual(schema);
});

test("inputs without a stored default are required, in the order of the interface", () => {
  const variables = ["b", "a", "c"].map((key) => ({
    key,
    value: { type: { simple: "STRING" }, description: key === "a" ? "the first" : "" },
  }));
  const defaultInputs = [
    { name: "b", parameter: { default: { scalar: { primitive: { stringValue: "" } } } } },
    { name: "c", parameter: { required: false } },
  ].map((parameter) => fromJson(NamedParameterSchema, parameter));
  expect(
    toJsonSchema(fromJson(TypedInterfaceSchema, { inputs: { variables } }), defaultInputs),
  ).toEqual({
    type: "object",
    properties: {
      b: { type: "string" },
      a: { type: "string", description: "the first" },
      c: { type: "string" },
    },
    required: ["a", "c"],
  });
  expect(toJsonSchema(undefined, [])).toEqual({ type: "object", properties: {}, required: [] });
});
