import { equals } from "@bufbuild/protobuf";
import { type LiteralType, LiteralTypeSchema } from "../../../src/idl/literals.ts";
import { FlyteError } from "../../../src/shared/errors.ts";
import { isJsonObject, type JsonValue, ownValue } from "../../../src/shared/json.ts";
import { toLiteral } from "../../../src/values/literals.ts";
import { printType, structTitle } from "../../../src/values/type-names.ts";
import type { ShapeOf, Variant } from "./shape.ts";

/** The variant that the conversion takes for a value of a union that the task declares; undefined for none. */
export function takenVariant(
  value: JsonValue,
  { type, variants }: ShapeOf<"union">,
): Variant | undefined {
  if (type === undefined) return undefined;
  try {
    const { value: literal } = toLiteral(value, type);
    const scalar = literal.case === "scalar" ? literal.value.value : undefined;
    return variantOfType(scalar?.case === "union" ? scalar.value.type : undefined, variants);
  } catch (error) {
    if (FlyteError.is(error)) return undefined;
    throw error;
  }
}

/** The variant of a stored type. */
export function variantOfType(
  stored: LiteralType | undefined,
  variants: readonly Variant[],
): Variant | undefined {
  if (stored === undefined) return undefined;
  return variants.find(({ type }) => type !== undefined && equals(LiteralTypeSchema, type, stored));
}

/** The value so that the conversion takes this variant: as it is where it would anyway. */
export function asVariant(value: JsonValue, variant: Variant, union: ShapeOf<"union">): JsonValue {
  if (withoutName(value, union) === value && takenVariant(value, union) === variant) return value;
  const unique = namesOf(variant).find(
    (name) => union.variants.filter((other) => namesOf(other).includes(name)).length === 1,
  );
  return unique === undefined ? value : { $type: unique, value };
}

/** What is within `{"$type": name of a variant, "value": …}`; any other value as it is. */
export function withoutName(value: JsonValue, { variants }: ShapeOf<"union">): JsonValue {
  if (!isJsonObject(value) || Object.keys(value).length !== 2) return value;
  const name = ownValue(value, "$type");
  const inner = ownValue(value, "value");
  const isNamed = variants.some((variant) => namesOf(variant).some((each) => each === name));
  return isNamed && inner !== undefined ? inner : value;
}

function namesOf({ type }: Variant): readonly string[] {
  if (type === undefined) return [];
  const names = [structTitle(type) ?? "", printType(type), type.structure?.tag ?? ""];
  return names.filter((name) => name !== "");
}
