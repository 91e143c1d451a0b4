import fc from "fast-check";
import { expect, test } from "vitest";
import { toEventPayload } from "../../../../src/values/event-payload.ts";
import { readAnswer } from "./read-answer.ts";

test("numbers come back as they were typed, beyond 2^53 too", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
      expect(readAnswer(` ${value} `, "integer")).toEqual({ kind: "value", value });
    }),
  );
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(readAnswer(String(value), "float")).toEqual({
        kind: "value",
        value: Number(`${value}`),
      });
    }),
  );
  expect(readAnswer("yes", "boolean")).toEqual({ kind: "value", value: true });
  expect(readAnswer(" as it is ", "string")).toEqual({ kind: "value", value: " as it is " });
});

test("whatever is typed, it is a fault or a value that the condition takes", () => {
  const type = fc.constantFrom("boolean", "integer", "float", "string", undefined);
  const text = fc.oneof(fc.string(), fc.stringMatching(/^[+-]?[\d.eE+-]{0,25}$/));
  fc.assert(
    fc.property(text, type, (typed, wanted) => {
      const answer = readAnswer(typed, wanted);
      if (answer.kind === "fault") expect(answer.message).not.toBe("");
      else expect(() => toEventPayload(answer.value, { name: "c", type: wanted })).not.toThrow();
    }),
  );
});
