import fc from "fast-check";
import { expect, test } from "vitest";
import type { JsonValue } from "../../../src/shared/json.ts";
import { toWords } from "../control-plane/error-words.ts";
import { toProblemError } from "./problem-error.ts";
import { UnreadableAnswer } from "./read-value.ts";

test("a problem document is said in words, with its faults and hint", () => {
  const problem = toProblemError(422, {
    title: "Invalid request",
    code: "invalid_request",
    detail: "The body is wrong.",
    errors: [{ path: "endpoint", message: "unknown endpoint" }],
    hint: "Did you mean run_task?",
  });
  expect(toWords(problem)).toEqual({
    title: "This cannot be taken as it is",
    detail: "The body is wrong.\nendpoint unknown endpoint\nDid you mean run_task?",
    mayPass: false,
  });
});

test.each([
  [403, "not_allowlisted", "You may not do this", false],
  [503, "unavailable", "Control plane unavailable", true],
  [429, "rate_limited", "Too many requests", true],
])("%d %s is %j", (status, code, title, mayPass) => {
  const problem = toProblemError(status, { code, title, detail: "why" });
  expect(toWords(problem)).toEqual({ title, detail: "why", mayPass });
});

test("what is no problem document has words all the same", () => {
  expect(toWords(toProblemError(502, undefined))).toEqual({
    title: "The webhook did not answer as expected",
    detail: "It answered with the status 502.",
    mayPass: true,
  });
  expect(toWords(new UnreadableAnswer("name is not a text")).detail).toContain("name is not");
  fc.assert(
    fc.property(fc.jsonValue(), (body) => {
      const { title, detail } = toWords(toProblemError(500, body as JsonValue));
      expect(title.length * detail.length).toBeGreaterThan(0);
    }),
  );
});
