import {
  BlobType_BlobDimensionality,
  type LiteralType,
  SimpleType,
} from "../../../src/idl/literals.ts";
import type { JsonValue } from "../../../src/shared/json.ts";
import { structSchema } from "../../../src/values/struct-schema.ts";
import { printType, structTitle } from "../../../src/values/type-names.ts";
import { schemaShape } from "./schema-shape.ts";

/** What a control of the form takes: Flyte's types, and those of the fields of structs, in one vocabulary. */
export type Shape =
  | { readonly kind: "integer" | "float" | "string" | "boolean" | "none" }
  | { readonly kind: "datetime"; readonly isDate: boolean }
  | { readonly kind: "duration" }
  | { readonly kind: "binary" | "error" }
  | { readonly kind: "enum"; readonly values: readonly JsonValue[] }
  | { readonly kind: "blob"; readonly format: string; readonly isFolder: boolean }
  | { readonly kind: "dataset"; readonly format: string }
  | { readonly kind: "schema" }
  | { readonly kind: "list"; readonly item: Shape }
  | { readonly kind: "map"; readonly item: Shape }
  | { readonly kind: "union"; readonly variants: readonly Variant[]; readonly type?: LiteralType }
  | { readonly kind: "struct"; readonly title: string; readonly fields: readonly StructField[] }
  /** Edited as JSON: it has no form, or is nested too deep for one. */
  | { readonly kind: "json" };

export type ShapeOf<Kind extends Shape["kind"]> = Extract<Shape, { readonly kind: Kind }>;

export interface Variant {
  readonly name: string;
  readonly shape: Shape;
  /** As the task declares it; undefined within structs. */
  readonly type?: LiteralType;
}

export interface StructField {
  readonly name: string;
  /** Its type in words. */
  readonly type: string;
  readonly shape: Shape;
  readonly description: string;
  readonly isRequired: boolean;
  /** Taken when it is left out. */
  readonly fallback?: JsonValue;
}

/** Deeper values are edited as JSON. */
const maxDepth = 6;

/** The form of a type that a task declares. */
export function shapeOf(type: LiteralType | undefined, depth = 0): Shape {
  const kind = type?.type;
  if (type === undefined || kind === undefined || depth > maxDepth) return { kind: "json" };
  switch (kind.case) {
    case "simple":
      return simpleShape(kind.value, type, depth);
    case "collectionType":
      return { kind: "list", item: shapeOf(kind.value, depth + 1) };
    case "mapValueType":
      return { kind: "map", item: shapeOf(kind.value, depth + 1) };
    case "enumType":
      return { kind: "enum", values: kind.value.values };
    case "unionType":
      return {
        kind: "union",
        type,
        variants: kind.value.variants.map((variant) => ({
          name: printType(variant),
          shape: shapeOf(variant, depth + 1),
          type: variant,
        })),
      };
    case "blob": {
      const isFolder = kind.value.dimensionality === BlobType_BlobDimensionality.MULTIPART;
      return { kind: "blob", format: kind.value.format, isFolder };
    }
    case "structuredDatasetType":
      return { kind: "dataset", format: kind.value.format };
    case "schema":
      return { kind: "schema" };
    default:
      return { kind: "json" };
  }
}

const simpleKinds = {
  [SimpleType.NONE]: "none",
  [SimpleType.INTEGER]: "integer",
  [SimpleType.FLOAT]: "float",
  [SimpleType.STRING]: "string",
  [SimpleType.BOOLEAN]: "boolean",
  [SimpleType.DURATION]: "duration",
  [SimpleType.BINARY]: "binary",
  [SimpleType.ERROR]: "error",
} as const;

function simpleShape(simple: SimpleType, type: LiteralType, depth: number): Shape {
  if (simple === SimpleType.STRUCT) {
    const root = structSchema(type);
    if (root === undefined) return { kind: "json" };
    return schemaShape(root, { root, depth, maxDepth, title: structTitle(type) ?? "struct" });
  }
  if (simple === SimpleType.DATETIME) {
    return { kind: "datetime", isDate: type.structure?.tag === "date" };
  }
  const kind = simpleKinds[simple as keyof typeof simpleKinds];
  return { kind: kind ?? "json" };
}
