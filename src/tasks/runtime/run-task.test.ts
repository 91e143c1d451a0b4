import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { InputsSchema, OutputsSchema } from "../../idl/tasks.ts";
import { defineTask, type Task } from "../define-task.ts";
import { t } from "../t.ts";
import type { TaskType } from "../task-type.ts";
import { decodeInputs, encodeOutputs } from "./run-task.ts";

interface Sample {
  readonly type: TaskType<unknown>;
  readonly value: fc.Arbitrary<unknown>;
}

const json = fc
  .jsonValue({ maxDepth: 2, noUnicodeString: false })
  .filter((value) => !JSON.stringify(value).includes('"__proto__"'))
  .map(withoutNegativeZero);
const key = fc.string({ minLength: 1 }).filter((name) => name !== "__proto__");
const uri = fc.string().map((name) => `file:///data/${encodeURIComponent(name)}`);
const reference = fc.record({ uri, format: fc.constantFrom("csv", "") });

const scalars: readonly Sample[] = [
  { type: t.int(), value: fc.maxSafeInteger() },
  { type: t.bigint(), value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) },
  { type: t.float(), value: fc.double({ noNaN: true, noDefaultInfinity: true }) },
  { type: t.string(), value: fc.string({ unit: "grapheme" }) },
  { type: t.boolean(), value: fc.boolean() },
  {
    type: t.datetime(),
    value: fc.date({ noInvalidDate: true, min: new Date(0), max: new Date("9999-12-31") }),
  },
  { type: t.duration(), value: fc.integer({ min: -1e12, max: 1e12 }) },
  { type: t.none(), value: fc.constant(null) },
  { type: t.json(), value: fc.dictionary(key, json) },
  { type: t.enum("red", "green"), value: fc.constantFrom("red", "green") },
  { type: t.file("csv"), value: reference },
  { type: t.dir(), value: reference },
  { type: t.dataset(), value: fc.record({ uri, format: fc.constantFrom("parquet", "csv") }) },
];

const samples: fc.Arbitrary<Sample> = fc.letrec<{ sample: Sample }>((tie) => ({
  sample: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom(...scalars),
    tie("sample").map(({ type, value }) => ({ type: t.list(type), value: fc.array(value) })),
    tie("sample").map(({ type, value }) => ({
      type: t.map(type),
      value: fc.dictionary(key, value),
    })),
    tie("sample").map(({ type, value }) => ({
      type: t.optional(type),
      value: fc.option(value, { nil: null }),
    })),
  ),
})).sample;

function roundTrip(type: TaskType<unknown>, value: unknown): unknown {
  const fields = { x: type };
  const task = defineTask(
    { name: "test.echo", inputs: fields, outputs: fields },
    (inputs) => inputs,
  );
  const { literals } = fromBinary(OutputsSchema, encodeOutputs(task as Task, { x: value }));
  const bytes = toBinary(InputsSchema, create(InputsSchema, { literals }));
  return decodeInputs(task as Task, bytes)["x"];
}

test("a value of any type comes back from its bytes as it was", () => {
  const typed = samples.chain(({ type, value }) => value.map((made) => ({ type, made })));
  fc.assert(
    fc.property(typed, ({ type, made }) => {
      expect(roundTrip(type, made)).toEqual(plain(made));
    }),
    { numRuns: 300 },
  );
});

test("structs come back with their defaults, nested ones too", () => {
  const inner = t.struct("Inner", { when: t.datetime(), big: t.bigint() });
  const outer = t.struct("Outer", {
    id: t.int(),
    rate: t.float().default(0.5),
    inner,
    all: t.list(inner),
    pause: t.optional(t.duration()),
  });
  const deep = { when: new Date("2026-01-02T03:04:05.006Z"), big: 2n ** 60n };
  const value = { id: 1, inner: deep, all: [deep, deep] };
  expect(roundTrip(outer, value)).toEqual({ ...value, rate: 0.5, pause: null });
});

test("a union comes back as the variant that was meant", () => {
  const type = t.union(t.int(), t.string(), t.list(t.int()), t.none());
  for (const value of [7, "7", [7], null]) expect(roundTrip(type, value)).toEqual(value);
});

test("a missing input that is not an input of the task is refused", () => {
  const task = defineTask({ name: "test.none", inputs: { x: t.int() } }, () => ({}));
  const bytes = toBinary(InputsSchema, create(InputsSchema, { literals: [{ name: "y" }] }));
  expect(() => decodeInputs(task as Task, bytes)).toThrow();
});

/** JSON has one zero. */
function withoutNegativeZero(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** The generator's objects have no prototype, and Flyte's integers no negative zero. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "object" && value !== null && !(value instanceof Date)) {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plain(item)]));
  }
  return value;
}
