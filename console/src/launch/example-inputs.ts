import type { JsonObject, JsonValue } from "../../../src/shared/json.ts";
import { FaultLog } from "../../../src/values/fault-log.ts";
import { toJson } from "./draft-to-json.ts";
import type { InputField } from "./input-fields.ts";
import type { Shape, ShapeOf } from "./shape.ts";
import { asVariant } from "./variant-names.ts";

/** Inputs to begin with: the defaults, and for the others a value of the right type. */
export function exampleInputs(fields: readonly InputField[]): JsonObject {
  const entries = fields.flatMap(({ name, shape, kept }): (readonly [string, JsonValue])[] => {
    if (kept === undefined) return [[name, exampleOf(shape)]];
    if (kept.draft === undefined) return [];
    return [[name, toJson(kept.draft, shape, new FaultLog())]];
  });
  return Object.fromEntries(entries);
}

const simpleExamples: Readonly<Partial<Record<Shape["kind"], JsonValue>>> = {
  integer: 1,
  float: 0.5,
  string: "text",
  boolean: true,
  datetime: "2026-01-02T03:04:05Z",
  duration: "1h30m",
  binary: "aGVsbG8=",
  error: { message: "what went wrong" },
  blob: { uri: "s3://bucket/key" },
  dataset: { uri: "s3://bucket/key" },
  schema: { uri: "s3://bucket/key" },
  json: {},
};

/** A value of a type that stands for others. */
export function exampleOf(shape: Shape): JsonValue {
  switch (shape.kind) {
    case "enum":
      return shape.values[0] ?? null;
    case "list":
      return [exampleOf(shape.item)];
    case "map":
      return { key: exampleOf(shape.item) };
    case "union":
      return ofUnion(shape);
    case "struct":
      return Object.fromEntries(
        shape.fields
          .filter(({ isRequired }) => isRequired)
          .map(({ name, shape: inner }) => [name, exampleOf(inner)]),
      );
    default:
      return simpleExamples[shape.kind] ?? null;
  }
}

function ofUnion(shape: ShapeOf<"union">): JsonValue {
  const variant = shape.variants.find((each) => each.shape.kind !== "none") ?? shape.variants[0];
  return variant === undefined ? null : asVariant(exampleOf(variant.shape), variant, shape);
}
