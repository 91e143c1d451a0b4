import fc from "fast-check";
import { expect, test } from "vitest";
import { FlyteError } from "../shared/errors.ts";
import {
  identifierFault,
  isRunName,
  parseTaskName,
  printTaskName,
  type TaskReference,
} from "./identifiers.ts";

test.each(["r", "r4k2", "run-1", `a${"b".repeat(29)}`])("%j can name a run", (name) => {
  expect(isRunName(name)).toBe(true);
});

test.each(["", "1a", "Run", "a-", "a_b", "a.b", "a/b", `a${"b".repeat(30)}`, "é", "a\n"])(
  "%j cannot name a run",
  (name) => {
    expect(isRunName(name)).toBe(false);
  },
);

test.each<[string, TaskReference]>([
  ["env.task", { name: "env.task" }],
  ["p/env.task", { project: "p", name: "env.task" }],
  ["d/p/env.task@v1", { domain: "d", project: "p", name: "env.task", version: "v1" }],
  ["t@sha256@x", { name: "t", version: "sha256@x" }],
])("%s is read as %j", (text, reference) => {
  expect(parseTaskName(text)).toEqual(reference);
  expect(printTaskName(reference)).toBe(text);
});

test.each<[string, string]>([
  ["", "the task name must not be empty"],
  ["a/b/c/d", "[[DOMAIN/]PROJECT/]NAME[@VERSION]"],
  ["/t", "the project must not be empty"],
  ["p/t@", "the task version must not be empty"],
  ["../t", 'must not hold a slash or be "." or ".."'],
  ["p/t\u202e", "not allowed"],
  [`${"p".repeat(64)}/t`, "the project may have at most 63 characters"],
])("%j is refused: %s", (text, message) => {
  expect(() => parseTaskName(text)).toThrow(message);
});

test("hostile identifiers are refused whatever they name", () => {
  for (const text of [".", "..", "a/b", "a\\b", "a\0", "\u200b", "e\u0301", " a", "\ud800"]) {
    expect(identifierFault("task name", text)).toBeDefined();
    expect(identifierFault("org", text)).toBeDefined();
  }
});

test("any text is read, and printed back as it was, or refused with our error", () => {
  const texts = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: fc.constantFrom(..."ab/@.") }),
  );
  fc.assert(
    fc.property(texts, (text) => {
      try {
        expect(printTaskName(parseTaskName(text))).toBe(text);
      } catch (error) {
        if (!FlyteError.is(error)) throw error;
      }
    }),
  );
});
