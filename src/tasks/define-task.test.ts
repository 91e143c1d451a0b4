import { expect, expectTypeOf, test } from "vitest";
import { defineTask, isTask } from "./define-task.ts";
import { t } from "./t.ts";
import { createTaskContext } from "./task-context.ts";

const scale = defineTask(
  {
    name: "math.scale",
    inputs: { values: t.list(t.float()), by: t.float().default(2), note: t.optional(t.string()) },
    outputs: { scaled: t.list(t.float()) },
  },
  async ({ values, by }) => ({ scaled: values.map((value) => value * by) }),
);

test("the types of inputs and outputs are inferred", () => {
  defineTask(
    { name: "x", inputs: { a: t.int(), b: t.map(t.datetime()), c: t.enum("u", "v") } },
    async (inputs) => {
      expectTypeOf(inputs.a).toEqualTypeOf<number>();
      expectTypeOf(inputs.b).toEqualTypeOf<{ readonly [key: string]: Date }>();
      expectTypeOf(inputs.c).toEqualTypeOf<"u" | "v">();
      return {};
    },
  );
  expectTypeOf(scale.execute).returns.resolves.toEqualTypeOf<{
    readonly scaled: readonly number[];
  }>();
  // @ts-expect-error: values is not optional
  void (() => scale.execute({}));
});

test("a task can be called in a test, with its defaults filled in", async () => {
  expect(await scale.execute({ values: [1, 2] })).toEqual({ scaled: [2, 4] });
  expect(await scale.execute({ values: [1], by: 3 }, createTaskContext())).toEqual({ scaled: [3] });
});

test("all faults of the inputs are told at once", async () => {
  const given = { values: [1, "2"], by: null, extra: 1 } as never;
  await expect(scale.execute(given)).rejects.toMatchObject({
    code: "invalid_input",
    faults: [{ path: ["extra"] }, { path: ["values", 1] }, { path: ["by"] }],
  });
  await expect(scale.execute({} as never)).rejects.toThrow("values: is missing");
});

test.each([
  [undefined, "an object with x is expected"],
  [{}, "x: is missing"],
  [{ x: 1.5 }, "x: must be an integer"],
  [{ x: 1, y: 2 }, "y: is not a declared output"],
  [{ x: 2 ** 60 }, "use t.bigint"],
])("outputs %j are refused: %s", async (outputs, message) => {
  const task = defineTask({ name: "x", outputs: { x: t.int() } }, () => outputs as never);
  await expect(task.execute({})).rejects.toMatchObject({
    code: "InvalidOutputs",
    retryable: false,
    message: expect.stringContaining(message),
  });
});

test("every rule that the options break is told at once", () => {
  const options = { name: "no spaces", inputs: { "a b": t.int() }, retries: -1, timeoutMs: 0 };
  expect(() => defineTask({ ...options, env: { "A=B": "" } }, () => ({}))).toThrow(
    /name must be.*"a b".*retries.*timeoutMs.*"A=B"/,
  );
});

test("a default has to fit its type", () => {
  expect(() => t.int().default(1.5)).toThrow("must be an integer");
  expect(() => t.list(t.string()).default(["a", 1 as never])).toThrow("must be a string");
});

test("a struct cannot hide a file and an enum needs distinct values", () => {
  expect(() => t.struct("S", { f: t.list(t.file()) })).toThrow("Field f of struct S");
  expect(() => t.enum()).toThrow("at least one value");
  expect(() => t.enum("a", "a")).toThrow("each given once");
});

test("tasks of another copy of the package are recognised, other values are not", () => {
  expect(isTask(scale)).toBe(true);
  expect(isTask({ [Symbol.for("flyte-webhook.task")]: true })).toBe(true);
  for (const other of [null, undefined, 1, {}, () => undefined]) expect(isTask(other)).toBe(false);
});

test("a file name cannot lead out of the attempt's folder", async () => {
  const { writeFile } = createTaskContext();
  for (const name of ["", "..", "a/b", "a\\b", "a\0"]) {
    await expect(writeFile(name, "")).rejects.toThrow("plain name");
  }
});
