import type { Literal, LiteralType } from "../../../src/idl/literals.ts";
import { fromLiteral } from "../../../src/values/literals.ts";
import { type Draft, newRow } from "./draft.ts";
import { draftOrJson, maxRows } from "./json-to-draft.ts";
import type { Shape, ShapeOf } from "./shape.ts";
import { variantOfType } from "./variant-names.ts";

/**
 * The controls of a literal: as those of its JSON, but that a union keeps the variant it was stored with.
 *
 * @throws FlyteError when the literal has no JSON form
 */
export function literalToDraft(
  literal: Literal,
  type: LiteralType | undefined,
  shape: Shape,
): Draft {
  const { value } = literal;
  const inner = type?.type;
  if (
    shape.kind === "list" &&
    inner?.case === "collectionType" &&
    value.case === "collection" &&
    value.value.literals.length <= maxRows
  ) {
    const { item } = shape;
    return {
      kind: "list",
      rows: value.value.literals.map((each) => newRow(literalToDraft(each, inner.value, item))),
    };
  }
  if (shape.kind === "map" && inner?.case === "mapValueType" && value.case === "map") {
    const entries = Object.entries(value.value.literals);
    if (entries.length <= maxRows) {
      const rows = entries.map(([key, each]) => ({
        ...newRow(literalToDraft(each, inner.value, shape.item)),
        key,
      }));
      return { kind: "map", rows };
    }
  }
  const union = shape.kind === "union" ? unionToDraft(literal, shape) : undefined;
  return union ?? draftOrJson(fromLiteral(literal, type), shape);
}

function unionToDraft({ value }: Literal, { variants }: ShapeOf<"union">): Draft | undefined {
  const scalar = value.case === "scalar" ? value.value.value : undefined;
  if (scalar?.case !== "union" || scalar.value.value === undefined) return undefined;
  const variant = variantOfType(scalar.value.type, variants);
  if (variant === undefined) return undefined;
  const at = variants.indexOf(variant);
  const inner = literalToDraft(scalar.value.value, variant.type, variant.shape);
  return { kind: "union", at, drafts: new Map([[at, inner]]) };
}
