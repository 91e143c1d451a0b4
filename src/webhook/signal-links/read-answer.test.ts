import fc from "fast-check";
import { expect, test } from "vitest";
import { readAnswer } from "./read-answer.ts";

const form = (value: string) => new URLSearchParams([["value", value]]);

test("what a person types is read as the type that is waited for, or refused in a sentence", () => {
  expect(readAnswer(form("true"), "boolean")).toEqual({ value: true });
  expect(readAnswer(form("false"), "boolean")).toEqual({ value: false });
  expect(readAnswer(form(" -12 "), "integer")).toEqual({ value: -12 });
  expect(readAnswer(form("9223372036854775807"), "integer")).toEqual({ value: 2n ** 63n - 1n });
  expect(readAnswer(form("-9223372036854775808"), "integer")).toEqual({ value: -(2n ** 63n) });
  expect(readAnswer(form("1e3"), "float")).toEqual({ value: 1000 });
  expect(readAnswer(form(".5"), "float")).toEqual({ value: 0.5 });
  expect(readAnswer(form(""), "string")).toEqual({ value: "" });
  expect(readAnswer(form("a\r\nb"), "string")).toEqual({ value: "a\nb" });
});

test.for([
  ["boolean", "1"],
  ["boolean", "TRUE"],
  ["boolean", ""],
  ["integer", "1.0"],
  ["integer", "0x10"],
  ["integer", "9223372036854775808"],
  ["integer", "-9223372036854775809"],
  ["integer", "१"],
  ["float", "NaN"],
  ["float", "Infinity"],
  ["float", "1e999"],
  ["float", "1,5"],
  ["float", ""],
  ["string", "x".repeat(4097)],
] as const)("%s refuses %s", ([type, text]) => {
  expect(readAnswer(form(text), type)).toHaveProperty("fault");
});

test("no answer and two answers are none", () => {
  expect(readAnswer(new URLSearchParams(), "string")).toHaveProperty("fault");
  expect(readAnswer(new URLSearchParams("value=a&value=b"), "string")).toHaveProperty("fault");
});

test("any text is read or refused, and whole numbers come back as they are", () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.constantFrom("boolean", "integer", "float", "string"),
      (text, type) => {
        const read = readAnswer(form(text), type);
        expect("value" in read || "fault" in read).toBe(true);
      },
    ),
  );
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (number) => {
      const read = readAnswer(form(String(number)), "integer");
      expect("value" in read && BigInt(read.value as bigint)).toBe(number);
    }),
  );
});
