import { create } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Literal, LiteralSchema, SimpleType } from "../../idl/literals.ts";
import type { Phase } from "../../values/phases.ts";
import { type ConditionState, decideSignal, type SignalDecision } from "./decide-signal.ts";

const kinds = {
  boolean: SimpleType.BOOLEAN,
  integer: SimpleType.INTEGER,
  floatValue: SimpleType.FLOAT,
  stringValue: SimpleType.STRING,
} as const;

const simple = fc.oneof(
  fc.record({ case: fc.constant("boolean" as const), value: fc.boolean() }),
  fc.record({ case: fc.constant("integer" as const), value: fc.bigInt({ min: -2n, max: 2n }) }),
  fc.record({ case: fc.constant("floatValue" as const), value: fc.constantFrom(0, -0, 1.5, NaN) }),
  fc.record({
    case: fc.constant("stringValue" as const),
    value: fc.constantFrom<string>("", "a", "1"),
  }),
);
type Simple = typeof simple extends fc.Arbitrary<infer Value> ? Value : never;

const toLiteral = (value: Simple): Literal =>
  create(LiteralSchema, {
    value: { case: "scalar", value: { value: { case: "primitive", value: { value } } } },
  });

/** What can happen to a condition, with a later time. */
const event = fc.record({
  after: fc.nat(5),
  what: fc.oneof(
    { weight: 5, arbitrary: simple },
    { weight: 1, arbitrary: fc.constant("abort" as const) },
  ),
});

/** How a condition ended, in plain words and without the code under test. */
type End = { readonly phase: Phase; readonly value?: Simple } | undefined;

function expectedText(end: End, what: Simple, fits: boolean, inTime: boolean): string {
  if (!fits) return "refused: invalid_input";
  if (end === undefined) return inTime ? "resolve" : "expired";
  const isSame = end.value !== undefined && Object.is(end.value.value, what.value);
  return isSame ? "repeated" : "refused: precondition_failed";
}

function toText(decision: SignalDecision): string {
  return decision.kind === "refused" ? `refused: ${decision.error.code}` : decision.kind;
}

function endBy({ kind }: SignalDecision, value: Simple): End {
  if (kind === "resolve") return { phase: "succeeded", value };
  return kind === "expired" ? { phase: "timed_out" } : undefined;
}

function stateAfter(state: ConditionState, end: End, at: number): ConditionState {
  if (end === undefined) return state;
  const signal =
    end.value === undefined ? undefined : { value: toLiteral(end.value), by: "alice", at };
  return { ...state, phase: end.phase, deadline: undefined, signal };
}

test("whatever comes in whatever order, the first fitting signal in time wins and nothing follows the end", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.values(kinds)),
      fc.option(fc.nat(20), { nil: undefined }),
      fc.array(event, { maxLength: 12 }),
      (type, deadline, events) => {
        const open: ConditionState = {
          name: "c",
          type,
          phase: "paused",
          deadline,
          signal: undefined,
        };
        let end: End;
        let endedAt = 0;
        let now = 0;
        for (const { after, what } of events) {
          now += after;
          if (what === "abort") {
            end ??= { phase: "aborted" };
            continue;
          }
          const decision = decideSignal(stateAfter(open, end, endedAt), toLiteral(what), now);
          const fits = kinds[what.case] === type;
          const inTime = deadline === undefined || now < deadline;
          expect(toText(decision)).toBe(expectedText(end, what, fits, inTime));
          if (decision.kind === "resolve") endedAt = now;
          end ??= endBy(decision, what);
        }
      },
    ),
  );
});

test("a value that is no simple one is refused, whatever the condition takes", () => {
  const state = { name: "c", phase: "paused", deadline: undefined, signal: undefined } as const;
  for (const type of [...Object.values(kinds), SimpleType.NONE]) {
    const decision = decideSignal({ ...state, type }, create(LiteralSchema), 0);
    expect(decision.kind).toBe("refused");
  }
});

test("a refusal names the first signal, and not all of a long one", () => {
  const value = toLiteral({ case: "stringValue", value: "x".repeat(1000) });
  const decision = decideSignal(
    {
      name: "c",
      type: SimpleType.STRING,
      phase: "succeeded",
      deadline: undefined,
      signal: { value, by: "bob", at: 0 },
    },
    toLiteral({ case: "stringValue", value: "y" }),
    1,
  );
  const message = decision.kind === "refused" ? decision.error.message : "";
  expect(message).toMatch(
    /^condition "c" was signalled with "x{80}…" by bob at 1970-01-01T00:00:00.000Z/,
  );
});
