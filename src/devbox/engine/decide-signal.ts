import { toBinary } from "@bufbuild/protobuf";
import { type Literal, LiteralSchema, SimpleType } from "../../idl/literals.ts";
import { FlyteError } from "../../shared/errors.ts";
import { isTerminal, type Phase } from "../../values/phases.ts";

/** Where a condition stands. Times are milliseconds since 1970. */
export interface ConditionState {
  readonly name: string;
  /** What it takes: a number of `core.SimpleType`. */
  readonly type: SimpleType;
  readonly phase: Phase;
  readonly deadline: number | undefined;
  /** The signal that resolved it. */
  readonly signal:
    | { readonly value: Literal; readonly by: string; readonly at: number }
    | undefined;
}

/**
 * What a signal does: it resolves the condition, or comes again and changes nothing, or comes after the
 * time was over, or is refused.
 */
export type SignalDecision =
  | { readonly kind: "resolve" | "repeated" | "expired" }
  | { readonly kind: "refused"; readonly error: FlyteError };

const kinds: ReadonlyMap<string, SimpleType> = new Map([
  ["boolean", SimpleType.BOOLEAN],
  ["integer", SimpleType.INTEGER],
  ["floatValue", SimpleType.FLOAT],
  ["stringValue", SimpleType.STRING],
]);

/** The types a condition can have. */
export const conditionTypes: ReadonlySet<SimpleType> = new Set(kinds.values());

/**
 * Decides about a signal. A condition is resolved once; the value that resolved it may be sent again,
 * as by a client that lost the answer.
 */
export function decideSignal(state: ConditionState, value: Literal, now: number): SignalDecision {
  const type = typeOf(value);
  const name = JSON.stringify(state.name);
  if (type !== state.type || type === SimpleType.NONE) {
    return refuse(
      "invalid_input",
      `condition ${name} takes ${describe(state.type)}, not ${describe(type)}`,
    );
  }
  const { signal } = state;
  if (signal !== undefined) {
    if (isSame(signal.value, value)) return { kind: "repeated" };
    return refuse(
      "precondition_failed",
      `condition ${name} was signalled with ${print(signal.value)} by ${signal.by} at ${new Date(signal.at).toISOString()} already`,
    );
  }
  if (isTerminal(state.phase)) {
    return refuse(
      "precondition_failed",
      `condition ${name} has ended without a signal: it is ${state.phase}`,
    );
  }
  if (state.deadline !== undefined && state.deadline <= now) return { kind: "expired" };
  return { kind: "resolve" };
}

function refuse(code: "invalid_input" | "precondition_failed", message: string): SignalDecision {
  return { kind: "refused", error: new FlyteError(code, message) };
}

function primitiveOf({ value }: Literal) {
  const scalar = value.case === "scalar" ? value.value.value : undefined;
  return scalar?.case === "primitive" ? scalar.value.value : undefined;
}

function typeOf(literal: Literal): SimpleType {
  return kinds.get(primitiveOf(literal)?.case ?? "") ?? SimpleType.NONE;
}

function isSame(left: Literal, right: Literal): boolean {
  return Buffer.compare(toBinary(LiteralSchema, left), toBinary(LiteralSchema, right)) === 0;
}

const names: ReadonlyMap<SimpleType, string> = new Map([
  [SimpleType.BOOLEAN, "a boolean"],
  [SimpleType.INTEGER, "an integer"],
  [SimpleType.FLOAT, "a float"],
  [SimpleType.STRING, "a string"],
]);

function describe(type: SimpleType): string {
  return names.get(type) ?? "another kind of value";
}

const shownLength = 80;

function print(literal: Literal): string {
  const value = primitiveOf(literal)?.value;
  if (typeof value !== "string") return String(value);
  const shown = value.length > shownLength ? `${value.slice(0, shownLength)}…` : value;
  return JSON.stringify(shown);
}
