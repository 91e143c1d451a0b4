import { afterAll, beforeAll, expect, test } from "vitest";
import { type PythonSdk, startPythonSdk } from "./python-sdk.ts";

/** Tasks of Flyte's Python SDK that start others and wait for people, with tokens of their own. */
let sdk: PythonSdk;

beforeAll(async () => {
  sdk = await startPythonSdk();
});

afterAll(() => sdk?.[Symbol.asyncDispose]());

test("a Python task starts others, traces, and waits for a person", async () => {
  expect(await sdk.run("conditions.py")).toEqual({
    nested: 15,
    kind: "bool",
    asked: ["True", "0.25"],
    late: "ConditionTimedoutError",
    failed: expect.stringContaining("no good: 1"),
    conditions: ["approve", "share"],
  });
});
