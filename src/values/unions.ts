import { type Literal, type LiteralType, SimpleType } from "../idl/literals.ts";
import { isJsonObject, type JsonObject, type JsonValue, ownValue } from "../shared/json.ts";
import type { FaultLog } from "./fault-log.ts";
import { makeUnion } from "./make-literal.ts";
import type { Convert } from "./to-literal.ts";
import { printType, printValue, structTitle } from "./type-names.ts";
import { unionRank } from "./union-rank.ts";

interface Candidate {
  readonly type: LiteralType;
  readonly literal: Literal;
}

/**
 * Converts a value of a union: the variant that fits best by {@link unionRank}. When several fit
 * equally well the value must name one: `{"$type": name, "value": …}`, by the variant's tag, the title
 * of its struct, or its printed type.
 */
export function toUnion(
  value: JsonValue,
  variants: readonly LiteralType[],
  log: FaultLog,
  convert: Convert,
): Literal | undefined {
  const explicit = isJsonObject(value) ? namedVariants(value, variants) : undefined;
  if (explicit !== undefined) {
    return choose(ownValue(value as JsonObject, "value") ?? null, explicit, log, convert);
  }
  return choose(value, variants, log, convert);
}

function choose(
  value: JsonValue,
  variants: readonly LiteralType[],
  log: FaultLog,
  convert: Convert,
): Literal | undefined {
  const sole = soleVariant(value, variants);
  if (sole !== undefined) {
    const literal = convert(value, sole, log);
    return literal === undefined ? undefined : makeUnion(literal, sole);
  }
  const candidates: Candidate[] = [];
  for (const type of variants) {
    if (!log.spend()) return undefined;
    const literal = log.attempt((trial) => convert(value, type, trial));
    if (literal !== undefined) candidates.push({ type, literal });
  }
  return pickBest(value, variants, candidates, log);
}

/** The one variant a value can only be meant for, so that its faults can be told in full. */
function soleVariant(value: JsonValue, variants: readonly LiteralType[]): LiteralType | undefined {
  const nulls = variants.filter(isNone);
  if (value === null && nulls.length > 0) return nulls[0];
  const others = variants.filter((variant) => !isNone(variant));
  return value !== null && others.length === 1 ? others[0] : undefined;
}

function pickBest(
  value: JsonValue,
  variants: readonly LiteralType[],
  candidates: readonly Candidate[],
  log: FaultLog,
): Literal | undefined {
  const [first] = candidates;
  if (first === undefined) {
    const names = variants.map((variant) => printType(variant)).join(", ");
    return log.add(`expected one of the types ${names || "(none)"}, got ${printValue(value)}`);
  }
  if (candidates.length === 1) return makeUnion(first.literal, first.type);
  const ranks = candidates.map(({ type }) => unionRank(value, type));
  const best = Math.min(...ranks);
  const closest = candidates.filter((_, index) => ranks[index] === best);
  const [chosen = first] = closest;
  if (closest.length === 1) return makeUnion(chosen.literal, chosen.type);
  const names = closest.map(({ type }) => variantName(type, closest)).join(", ");
  return log.add(
    `the value fits several types (${names}), give {"$type": one of them, "value": the value}`,
  );
}

/** The shortest name that tells a variant apart from the others. */
function variantName(type: LiteralType, among: readonly Candidate[]): string {
  const names = [structTitle(type), printType(type), type.structure?.tag ?? ""];
  const unique = names.find(
    (name) =>
      name !== undefined &&
      name !== "" &&
      among.filter((other) => isNamed(other.type, name)).length === 1,
  );
  return JSON.stringify(unique ?? printType(type));
}

function isNamed(type: LiteralType, name: string): boolean {
  return structTitle(type) === name || printType(type) === name || type.structure?.tag === name;
}

/** The variants named by `{"$type": name, "value": …}`; undefined when the value has not that form. */
function namedVariants(
  value: JsonObject,
  variants: readonly LiteralType[],
): readonly LiteralType[] | undefined {
  const name = ownValue(value, "$type");
  if (typeof name !== "string" || !Object.hasOwn(value, "value")) return undefined;
  if (Object.keys(value).length !== 2) return undefined;
  const named = variants.filter((variant) => isNamed(variant, name));
  return named.length === 0 ? undefined : named;
}

function isNone({ type }: LiteralType): boolean {
  return type.case === "simple" && type.value === SimpleType.NONE;
}
